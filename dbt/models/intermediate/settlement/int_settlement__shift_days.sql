-- a statement by days beside ours, read by every clock from 14 hours behind to 14 ahead
with

levels as (
    select * from {{ ref('int_settlement__statement_levels') }}
    where has_day
),

shifts as (
    select {{ each_integer('-14', '14') }} as shift_hours
),

-- a day more on both sides of the month
traffic as (
    select
        l.partner_id,
        l.direction_code,
        l.statement_month,
        case when l.has_service then t.service_code else '' end as service_code,
        case when l.has_band then t.band_code else '' end as band_code,
        {{ day_number('t.event_on') }} * 24 + t.hour_no as clock_hour,
        t.rated_milli
    from levels as l
    inner join {{ ref('int_settlement__traffic') }} as t
        on
            l.partner_id = t.partner_id
            and l.direction_code = t.direction_code
            and t.event_on >= {{ add_days('l.statement_month', -1) }}
            and t.event_on <= {{ add_months_to('l.statement_month', 1) }}
    where t.rate_set_no is not null
),

shifted as (
    select
        t.partner_id,
        t.direction_code,
        t.statement_month,
        t.service_code,
        t.band_code,
        s.shift_hours,
        {{ day_numbered(integer_divide('t.clock_hour + s.shift_hours', '24')) }} as event_on,
        t.rated_milli
    from traffic as t
    cross join shifts as s
),

measured as (
    select
        partner_id, direction_code, statement_month, service_code, band_code, shift_hours, event_on,
        sum(rated_milli) as rated_milli,
        0 as declared_milli
    from shifted
    where event_on >= statement_month and event_on < {{ add_months_to('statement_month', 1) }}
    group by partner_id, direction_code, statement_month, service_code, band_code, shift_hours, event_on
),

declared as (
    select
        d.partner_id, d.direction_code, d.statement_month,
        case when l.has_service then d.service_code else '' end as service_code,
        case when l.has_band then d.band_code else '' end as band_code,
        s.shift_hours,
        d.statement_on as event_on,
        0 as rated_milli,
        sum(d.declared_milli) as declared_milli
    from {{ ref('int_settlement__declared_lines') }} as d
    inner join levels as l
        on
            d.partner_id = l.partner_id
            and d.direction_code = l.direction_code
            and d.statement_month = l.statement_month
    cross join shifts as s
    where d.hold_code = 'none'
    group by
        d.partner_id, d.direction_code, d.statement_month, s.shift_hours, d.statement_on,
        case when l.has_service then d.service_code else '' end, case when l.has_band then d.band_code else '' end
),

sides as (
    select * from measured
    union all
    select * from declared
),

final as (
    select
        partner_id,
        direction_code,
        statement_month,
        service_code,
        band_code,
        shift_hours,
        event_on,
        cast(sum(rated_milli) as bigint) as rated_milli,
        cast(sum(declared_milli) as bigint) as declared_milli
    from sides
    group by partner_id, direction_code, statement_month, service_code, band_code, shift_hours, event_on
)

select * from final
