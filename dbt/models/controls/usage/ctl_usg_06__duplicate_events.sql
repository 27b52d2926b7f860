-- the later copy of an event is the finding; what it costs the customer is the value it adds to its counter
with

found as (
    select
        category,
        event_month as period,
        value_key,
        started_at as event_at,
        account_id,
        subscription_id,
        0 as expected_micros,
        greatest(-step_micros, 0) as actual_micros,
        greatest(step_micros, 0) as under_micros,
        greatest(-step_micros, 0) as over_micros,
        currency_code,
        'usage' as revenue_stream,
        step_code,
        concat(
            case
                when change_type = 'duplicate'
                    then 'the network recorded this event once, billing rated it again'
                else 'the same service, number and quantity within seconds of another event, unknown to the network'
            end,
            '; the month of the counter rated with and without the copy differs by ', {{ amount_text('-step_micros') }}
        ) as arithmetic,
        price_rule_id,
        'rated_usage' as right_feed,
        right_source_file,
        right_source_row,
        right_file_hash,
        rated_usage_id as right_key,
        {{ json_record({
            'rated_usage_id': 'rated_usage_id', 'service_id': 'service_id', 'service_code': 'service_code',
            'started_at': 'started_at', 'quantity': 'right_quantity'
        }) }} as right_record
    from {{ ref('int_usage__owned_amounts') }}
    where control_id = 'USG-06'
),

final as (
    {{ findings('found', 'USG-06', [
        'event_at', 'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'under_micros', 'over_micros',
        'currency_code', 'revenue_stream', 'step_code', 'arithmetic', 'price_rule_id',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
