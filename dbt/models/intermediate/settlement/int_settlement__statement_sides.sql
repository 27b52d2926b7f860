-- both sides row by row, with the levels at which each counts: an hour of ours has a quantity but no amount
with

levels as (
    select * from {{ ref('int_settlement__statement_levels') }}
),

measured_days as (
    select
        partner_id,
        direction_code,
        statement_month,
        service_code,
        band_code,
        event_on,
        -1 as hour_no,
        'measured_day' as side,
        0 as declared_milli,
        0 as declared_micros,
        rated_milli as measured_milli,
        settled_micros as measured_micros
    from {{ ref('int_settlement__lines') }}
    where settled_micros is not null
),

measured_hours as (
    select
        partner_id,
        direction_code,
        {{ month_of('event_on') }} as statement_month,
        service_code,
        band_code,
        event_on,
        hour_no,
        'measured_hour' as side,
        0 as declared_milli,
        0 as declared_micros,
        rated_milli as measured_milli,
        0 as measured_micros
    from {{ ref('int_settlement__traffic') }}
    where rate_set_no is not null
),

declared as (
    select
        partner_id,
        direction_code,
        statement_month,
        service_code,
        band_code,
        statement_on as event_on,
        coalesce(hour_no, -1) as hour_no,
        'declared' as side,
        declared_milli,
        declared_micros,
        0 as measured_milli,
        0 as measured_micros
    from {{ ref('int_settlement__declared_lines') }}
    where hold_code = 'none'
),

sides as (
    select * from measured_days
    union all
    select * from measured_hours
    union all
    select * from declared
),

levelled as (
    select
        s.*,
        case when l.has_service then s.service_code else '' end as level_service_code,
        case when l.has_band then s.band_code else '' end as level_band_code,
        l.has_service,
        l.has_band,
        l.has_day,
        l.has_hour
    from sides as s
    inner join levels as l
        on
            s.partner_id = l.partner_id
            and s.direction_code = l.direction_code
            and s.statement_month = l.statement_month
    where s.side <> 'measured_hour' or l.has_hour
),

final as (
    select
        partner_id,
        direction_code,
        statement_month,
        level_service_code as service_code,
        level_band_code as band_code,
        event_on,
        hour_no,
        side,
        has_service,
        has_band,
        has_day,
        has_hour,
        cast(sum(declared_milli) as bigint) as declared_milli,
        cast(sum(declared_micros) as bigint) as declared_micros,
        cast(sum(measured_milli) as bigint) as measured_milli,
        cast(sum(measured_micros) as bigint) as measured_micros
    from levelled
    group by
        partner_id, direction_code, statement_month, level_service_code, level_band_code, event_on, hour_no, side,
        has_service, has_band, has_day, has_hour
)

select * from final
