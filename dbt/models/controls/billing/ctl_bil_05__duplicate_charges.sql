-- the first of equal lines is right; what is shown is what the later ones charge
with

streams as (
    select
        category, value_key, account_id, revenue_stream, currency_code,
        min(charge_month) as first_month,
        max(nullif(subscription_id, '')) as subscription_id,
        count(*) as line_count,
        sum(line_micros) as line_micros,
        {{ join_texts('charge_code') }} as charge_codes,
        {{ join_texts('invoice_id') }} as invoice_ids,
        min(_source_file) as _source_file,
        min(_source_row) as _source_row,
        min(_file_hash) as _file_hash
    from {{ ref('int_billing__copied_lines') }}
    group by category, value_key, account_id, revenue_stream, currency_code
),

found as (
    select
        category,
        min(first_month) as period,
        value_key,
        account_id,
        case when category = 'DUP_LINE' then max(subscription_id) end as subscription_id,
        0 as expected_micros,
        sum(line_micros) as actual_micros,
        sum(greatest(-line_micros, 0)) as under_micros,
        sum(greatest(line_micros, 0)) as over_micros,
        currency_code,
        'recurring' as revenue_stream,
        'invoicing' as step_code,
        concat(
            case category
                when 'DUP_INVOICE' then 'the account got an equal invoice for this period before, and no credit note: '
                else 'an equal line for the same days stands on an invoice already: '
            end,
            {{ join_texts('charge_codes') }}, ' again for ', {{ cents_text('sum(line_micros)') }}
        ) as arithmetic,
        case category when 'DUP_INVOICE' then 'invoices' else 'invoice_lines' end as right_feed,
        min(_source_file) as right_source_file,
        min(_source_row) as right_source_row,
        min(_file_hash) as right_file_hash,
        value_key as right_key,
        {{ json_record({
            'invoice_ids': join_texts('invoice_ids'), 'lines': 'sum(line_count)',
            'amount_again': amount_text('sum(line_micros)')
        }) }} as right_record
    from streams
    group by category, value_key, account_id, currency_code
),

final as (
    {{ findings('found', 'BIL-05', [
        'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'under_micros', 'over_micros',
        'currency_code', 'revenue_stream', 'step_code', 'arithmetic',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
