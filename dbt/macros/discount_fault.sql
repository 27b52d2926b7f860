{# A finding for each grant (g) and month of faults (f): what discount lines took beyond the register. Several grants
   that are at fault together are one finding for each charge. #}
{% macro discount_fault(arithmetic, is_by_charge=false) %}
    select
        f.category,
        f.charge_month as period,
        {% if is_by_charge -%}
        concat(coalesce(nullif(f.subscription_id, ''), f.account_id), '|', f.charge_code) as value_key,
        {%- else -%}
        concat(coalesce(nullif(f.subscription_id, ''), f.account_id), '|', coalesce(f.discount_id, '')) as value_key,
        {%- endif %}
        max(f.account_id) as account_id,
        max(nullif(f.subscription_id, '')) as subscription_id,
        sum(f.granted_micros) - sum(f.fault_micros) as expected_micros,
        sum(f.granted_micros) as actual_micros,
        sum(f.fault_micros) as under_micros,
        f.currency_code,
        'recurring' as revenue_stream,
        'invoicing' as step_code,
        {{ arithmetic }} as arithmetic,
        'discounts' as left_feed,
        max(g._source_file) as left_source_file,
        max(g._source_row) as left_source_row,
        max(g._file_hash) as left_file_hash,
        {% if is_by_charge -%}
        {{ join_texts('f.discount_id') }} as left_key,
        {{ json_record({
            'discount_ids': join_texts('f.discount_id'), 'stacking_types': join_texts('g.stacking_type'),
            'ceiling_ratio': 'min(g.ceiling_ratio)'
        }) }} as left_record,
        {%- else -%}
        f.discount_id as left_key,
        {{ json_record({
            'discount_id': 'max(g.discount_id)', 'rate_ratio': 'max(g.rate_ratio)',
            'valid_from_on': 'max(g.valid_from_on)', 'valid_to_on': 'max(g.valid_to_on)',
            'maximum_cycle_count': 'max(g.maximum_cycle_count)', 'approved_by': 'max(g.approved_by)'
        }) }} as left_record,
        {%- endif %}
        'invoice_lines' as right_feed,
        min(f._source_file) as right_source_file,
        min(f._source_row) as right_source_row,
        min(f._file_hash) as right_file_hash,
        {{ join_texts('f.invoice_line_id') }} as right_key,
        {{ json_record({
            'invoice_line_ids': join_texts('f.invoice_line_id'), 'discount_ids': join_texts('f.discount_id'),
            'amount_granted': amount_text('sum(f.granted_micros)')
        }) }} as right_record
    from faults as f
    left join grants as g on f.discount_id = g.discount_id
    group by
        f.category,
        f.charge_month,
        {% if is_by_charge -%}
        coalesce(nullif(f.subscription_id, ''), f.account_id),
        f.charge_code,
        {%- else -%}
        coalesce(nullif(f.subscription_id, ''), f.account_id),
        f.discount_id,
        {%- endif %}
        f.currency_code
{%- endmacro %}

{# The columns that such findings fill. #}
{% macro discount_fault_columns() %}
{{ return([
    'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'under_micros',
    'currency_code', 'revenue_stream', 'step_code', 'arithmetic',
    'left_feed', 'left_source_file', 'left_source_row', 'left_file_hash', 'left_key', 'left_record',
    'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
]) }}
{% endmacro %}

{# What it was taken off: the charges of its place, or the whole bill where its line stands apart. #}
{% macro discounted_text() %}
case when sum(f.gross_micros) = 0 then 'the bill' else {{ cents_text('sum(f.gross_micros)') }} end
{%- endmacro %}
