with

compared as (
    select * from {{ ref('int_billing__recurring_comparison') }}
    where
        -- equal lines of two that were sold say the same days twice
        (
            open_micros <> 0
            or (
                due_days <> line_days and due_days <> covered_days
                and line_count > 0 and due_days > 0 and owner_ids is null
            )
        )
        and not (is_free_account and billed_micros = 0)
),

found as (
    select
        case
            when line_count = 0 and due_micros > 0 then 'RC_MISSING'
            when line_days > due_days and start_count < line_count then 'RC_DUP'
            when line_days > due_days then 'RC_PERIOD_OVERLAP'
            when line_days < due_days then 'RC_PERIOD_GAP'
            else 'RC_PRICE'
        end as category,
        charge_month as period,
        concat(coalesce(nullif(subscription_id, ''), account_id), '|', charge_code) as value_key,
        account_id,
        nullif(subscription_id, '') as subscription_id,
        due_micros as expected_micros,
        billed_micros + owned_micros + rounded_micros as actual_micros,
        greatest(open_micros, 0) as under_micros,
        greatest(-open_micros, 0) as over_micros,
        currency_code,
        'recurring' as revenue_stream,
        'invoicing' as step_code,
        concat(
            'due ', cast(due_days as string), coalesce(' of ' || cast(month_day_count as string), ''), ' days',
            coalesce(' at ' || {{ cents_text('price_micros') }} || ' a month', ''),
            ', net of discounts ', {{ cents_text('due_micros') }}, '; ',
            cast(line_count as string), ' lines for ', cast(line_days as string), ' days say ',
            {{ cents_text('billed_micros') }},
            coalesce(
                '; ' || {{ cents_text('owned_micros') }} || ' of the difference belongs to ' || owner_ids, ''
            )
        ) as arithmetic,
        price_rule_id,
        'subscriptions' as left_feed,
        subscription_id as left_key,
        {{ json_record({
            'subscription_id': 'subscription_id', 'charge_code': 'charge_code', 'days_due': 'due_days',
            'amount_due': amount_text('due_micros')
        }) }} as left_record,
        case when _file_hash is not null then 'invoice_lines' end as right_feed,
        _source_file as right_source_file,
        _source_row as right_source_row,
        _file_hash as right_file_hash,
        invoice_line_ids as right_key,
        case when _file_hash is not null then {{ json_record({
            'invoice_line_ids': 'invoice_line_ids', 'lines': 'line_count', 'days_billed': 'line_days',
            'amount_billed': amount_text('billed_micros')
        }) }} end as right_record
    from compared
),

final as (
    {{ findings('found', 'BIL-01', [
        'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'under_micros', 'over_micros',
        'currency_code', 'revenue_stream', 'step_code', 'arithmetic', 'price_rule_id', 'left_feed', 'left_key', 'left_record',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
