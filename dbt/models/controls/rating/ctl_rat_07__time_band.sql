-- the time band that billing names is not the one at the local start of the event
with

differences as (
    select * from {{ ref('int_usage__difference_owners') }}
    where control_id = 'RAT-07'
),

prices as (
    select * from {{ ref('int_catalogue__prices') }}
),

found as (
    select
        case
            when coalesce(p.band_rule, 'start') <> 'start' then 'SPLIT_WRONG'
            when h.is_holiday then 'HOLIDAY_MISSED'
            else 'BAND_WRONG'
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
    left join {{ ref('stg_billing__period_calendar') }} as h on d.event_on = h.calendar_on
),

final as (
    {{ findings('found', 'RAT-07', [
        'event_at', 'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'under_micros', 'over_micros',
        'currency_code', 'revenue_stream', 'step_code', 'arithmetic', 'price_rule_id',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
