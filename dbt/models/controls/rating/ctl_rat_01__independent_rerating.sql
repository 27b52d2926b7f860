-- what no other control can show the cause of: see int_usage__difference_owners and decision 0029
with

differences as (
    select * from {{ ref('int_usage__difference_owners') }}
    where control_id = 'RAT-01'
),

prices as (
    select * from {{ ref('int_catalogue__prices') }}
),

found as (
    select
        case
            when d.is_unpriced then 'NO_RATE'
            when
                d.charged_micros % 10000 = 0 and d.expected_micros % 10000 <> 0
                and abs(d.expected_micros - d.charged_micros) < 10000 then 'ROUNDING'
            when d.expected_micros > d.charged_micros then 'UNDER_RATED'
            else 'OVER_RATED'
        end as category,
        d.event_month as period,
        d.rated_usage_id as value_key,
        d.started_at as event_at,
        d.account_id,
        d.subscription_id,
        d.expected_micros,
        d.charged_micros as actual_micros,
        greatest(d.expected_micros - d.charged_micros, 0) as under_micros,
        greatest(d.charged_micros - d.expected_micros, 0) as over_micros,
        d.currency_code,
        'usage' as revenue_stream,
        'rating' as step_code,
        {{ rating_arithmetic() }} as arithmetic,
        d.expected_price_rule_id as price_rule_id,
        'rated_usage' as right_feed,
        d._source_file as right_source_file,
        d._source_row as right_source_row,
        d._file_hash as right_file_hash,
        d.rated_usage_id as right_key,
        {{ rated_record() }} as right_record
    from differences as d
    left join prices as p on d.expected_price_rule_id = p.price_rule_id
),

final as (
    {{ findings('found', 'RAT-01', [
        'event_at', 'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'under_micros', 'over_micros',
        'currency_code', 'revenue_stream', 'step_code', 'arithmetic', 'price_rule_id',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
