-- one finding for an allowance and month: the events that follow from one wrong balance belong together
with

found as (
    select
        category,
        event_month as period,
        concat(subscription_id, '|', allowance_key) as value_key,
        first_started_at as event_at,
        account_id,
        subscription_id,
        expected_micros,
        charged_micros as actual_micros,
        under_micros,
        over_micros,
        currency_code,
        'usage' as revenue_stream,
        'rating' as step_code,
        concat(
            'granted ', {{ milli_text('granted_milli') }}, '; billing took ', {{ milli_text('billed_milli') }},
            ' in the month (', {{ milli_text('last_month_milli') }}, ' in the month before), in the order of events ',
            {{ milli_text('replayed_milli') }}, ' are taken; ', cast(event_count as string),
            ' events are charged otherwise, the first is ', first_rated_usage_id, '; expected ',
            {{ amount_text('expected_micros') }}, ', charged ', {{ amount_text('charged_micros') }}
        ) as arithmetic,
        price_rule_id,
        'rated_usage' as right_feed,
        _source_file as right_source_file,
        _source_row as right_source_row,
        _file_hash as right_file_hash,
        first_rated_usage_id as right_key,
        {{ json_record({
            'rated_usage_id': 'first_rated_usage_id', 'subscription_id': 'subscription_id',
            'allowance_id': 'allowance_id', 'allowance_quantity': milli_text('billed_milli'),
            'charge_amount': amount_text('charged_micros')
        }) }} as right_record
    from {{ ref('int_usage__allowance_balances') }}
),

final as (
    {{ findings('found', 'RAT-04', [
        'event_at', 'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'under_micros', 'over_micros',
        'currency_code', 'revenue_stream', 'step_code', 'arithmetic', 'price_rule_id',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
