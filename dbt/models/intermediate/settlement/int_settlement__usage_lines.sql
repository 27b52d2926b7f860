-- amounts are rounded where the agreement says: each event, each day, or the month, whose days then add up to it
with

parts as (
    select
        p.*,
        r.price_micros,
        r.unit_milli,
        r.setup_micros,
        a.rounding_scope,
        a.rounding_step_micros
    from {{ ref('int_settlement__rated_parts') }} as p
    inner join {{ ref('int_settlement__rates') }} as r on p.partner_rate_id = r.partner_rate_id
    inner join {{ ref('int_settlement__agreements') }} as a
        on p.agreement_id = a.agreement_id and p.version_no = a.version_no
),

days as (
    select
        partner_id,
        direction_code,
        agreement_id,
        version_no,
        service_code,
        band_code,
        rate_band_code,
        counter_period_no,
        partner_rate_id,
        event_on,
        statement_month,
        price_micros,
        unit_milli,
        setup_micros,
        rounding_scope,
        rounding_step_micros,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(answered_count) as bigint) as answered_count,
        cast(sum(quantity_milli) as bigint) as quantity_milli,
        cast(sum(part_milli) as bigint) as rated_milli,
        cast(sum(
            case
                when rounding_scope <> 'event' or event_rated_milli <= 0 then 0
                else event_count * {{ settled_micros(
                    'event_rated_milli', 'price_micros', 'unit_milli', 'setup_micros', '1', 'rounding_step_micros'
                ) }}
            end
        ) as bigint) as events_micros
    from parts
    group by
        partner_id, direction_code, agreement_id, version_no, service_code, band_code, rate_band_code,
        counter_period_no, partner_rate_id, event_on, statement_month, price_micros, unit_milli, setup_micros,
        rounding_scope, rounding_step_micros
),

summed as (
    select
        *,
        cast(sum(rated_milli) over so_far as bigint) as month_milli,
        cast(sum(answered_count) over so_far as bigint) as month_answered_count
    from days
    window so_far as (
        partition by partner_rate_id, band_code, counter_period_no, statement_month
        order by event_on
        rows between unbounded preceding and current row
    )
),

final as (
    select
        partner_id,
        direction_code,
        agreement_id,
        version_no,
        service_code,
        band_code,
        rate_band_code,
        counter_period_no,
        partner_rate_id,
        event_on,
        statement_month,
        event_count,
        quantity_milli,
        rated_milli,
        price_micros,
        unit_milli,
        case rounding_scope
            when 'event' then events_micros
            when 'day' then {{ settled_micros(
                'rated_milli', 'price_micros', 'unit_milli', 'setup_micros', 'answered_count', 'rounding_step_micros'
            ) }}
            else {{ settled_micros(
                'month_milli', 'price_micros', 'unit_milli', 'setup_micros', 'month_answered_count',
                'rounding_step_micros'
            ) }} - {{ settled_micros(
                '(month_milli - rated_milli)', 'price_micros', 'unit_milli', 'setup_micros',
                '(month_answered_count - answered_count)', 'rounding_step_micros'
            ) }}
        end as line_micros
    from summed
)

select * from final
