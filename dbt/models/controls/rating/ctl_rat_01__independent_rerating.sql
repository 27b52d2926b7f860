-- a free event without a reason belongs to RAT-03, not here
with

differences as (
    select * from {{ ref('int_usage__rating_differences') }}
    where not (charged_micros = 0 and expected_micros > 0) and not is_free_account
),

prices as (
    select * from {{ ref('int_catalogue__prices') }}
),

found as (
    select
        case
            when d.is_unpriced then 'NO_RATE'
            when d.billed_offering_id <> d.expected_offering_id then 'WRONG_PLAN'
            when d.billed_zone_code <> d.expected_zone_code then 'WRONG_ZONE'
            when {{ to_milli('d.billed_allowance_quantity') }} <> d.free_milli then 'ALLOWANCE'
            when
                d.charged_micros % 10000 = 0 and d.expected_micros % 10000 <> 0
                and abs(d.expected_micros - d.charged_micros) < 10000 then 'ROUNDING'
            when
                d.discount_ratio is null
                and d.charged_micros = {{ ratio_micros(
                    'greatest(' ~ to_milli('d.quantity') ~ ' - d.free_milli, 0)', 'p.price_micros', 'p.unit_milli', '1'
                ) }} + p.connect_micros then 'ROUNDING'
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
