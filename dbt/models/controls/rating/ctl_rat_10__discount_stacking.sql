-- every grant holds by itself; together they take off more than the rules of combining allow
with

faults as (
    select * from {{ ref('int_billing__discount_faults') }}
    where control_id = 'RAT-10'
),

grants as (
    select * from {{ ref('int_billing__discount_grants') }}
),

found as (
    select
        f.category,
        f.charge_month as period,
        concat(f.subscription_id, '|', f.charge_code) as value_key,
        max(f.account_id) as account_id,
        max(nullif(f.subscription_id, '')) as subscription_id,
        sum(f.granted_micros) - sum(f.fault_micros) as expected_micros,
        sum(f.granted_micros) as actual_micros,
        sum(f.fault_micros) as under_micros,
        f.currency_code,
        'recurring' as revenue_stream,
        'invoicing' as step_code,
        concat(
            case f.category
                when 'EXCLUSIVE_COMBINED' then 'a discount that holds alone was combined'
                else 'the combined discounts exceed their ceiling'
            end,
            ': ', {{ cents_text('sum(f.fault_micros)') }}, ' off ', {{ cents_text('max(f.gross_micros)') }},
            ' beyond what ', {{ join_texts('f.discount_id') }}, ' allow together'
        ) as arithmetic,
        'discounts' as left_feed,
        max(g._source_file) as left_source_file,
        max(g._source_row) as left_source_row,
        max(g._file_hash) as left_file_hash,
        {{ join_texts('f.discount_id') }} as left_key,
        {{ json_record({
            'discount_ids': join_texts('f.discount_id'), 'stacking_types': join_texts('g.stacking_type'),
            'ceiling_ratio': 'min(g.ceiling_ratio)'
        }) }} as left_record,
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
    group by f.category, f.charge_month, f.subscription_id, f.charge_code, f.currency_code
),

final as (
    {{ findings('found', 'RAT-10', [
        'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'under_micros',
        'currency_code', 'revenue_stream', 'step_code', 'arithmetic',
        'left_feed', 'left_source_file', 'left_source_row', 'left_file_hash', 'left_key', 'left_record',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
