with

faults as (
    select * from {{ ref('int_billing__proration_faults') }}
),

found as (
    select
        category,
        charge_month as period,
        concat(subscription_id, '|', charge_code, '|', product_offering_id) as value_key,
        account_id,
        subscription_id,
        due_micros as expected_micros,
        line_micros as actual_micros,
        greatest(due_micros - line_micros, 0) as under_micros,
        greatest(line_micros - due_micros, 0) as over_micros,
        currency_code,
        'recurring' as revenue_stream,
        'invoicing' as step_code,
        concat(
            cast(due_days as string), ' of ', cast(month_day_count as string), ' days at ',
            {{ cents_text('price_micros') }}, ' a month are due, net of discounts ', {{ cents_text('due_micros') }},
            '; the line is for ', cast(line_days as string), ' days and says ', {{ cents_text('line_micros') }}
        ) as arithmetic,
        price_rule_id,
        'subscriptions' as left_feed,
        subscription_id as left_key,
        {{ json_record({
            'subscription_id': 'subscription_id', 'product_offering_id': 'product_offering_id', 'days_due': 'due_days',
            'amount_due': amount_text('due_micros')
        }) }} as left_record,
        'invoice_lines' as right_feed,
        _source_file as right_source_file,
        _source_row as right_source_row,
        _file_hash as right_file_hash,
        invoice_line_ids as right_key,
        {{ json_record({
            'invoice_line_ids': 'invoice_line_ids', 'days_billed': 'line_days', 'amount_billed': amount_text('line_micros')
        }) }} as right_record
    from faults
),

final as (
    {{ findings('found', 'BIL-02', [
        'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'under_micros', 'over_micros',
        'currency_code', 'revenue_stream', 'step_code', 'arithmetic', 'price_rule_id', 'left_feed', 'left_key', 'left_record',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
