-- trunk groups with traffic that the register of routes or the agreements do not cover, a month and fault each
with

register as (
    select count(*) as route_count from {{ ref('stg_partners__partner_routes') }}
),

unsettled as (
    select distinct
        partner_id,
        direction_code,
        service_code,
        band_code,
        event_on,
        hold_code
    from {{ ref('int_settlement__held_traffic') }}
),

-- the least that anybody asks for the service in that direction
standard_rates as (
    select *
    from {{ ref('int_settlement__rates') }}
    where from_milli = 0
),

events as (
    select
        e.trunk_group_id,
        e.partner_id,
        e.direction_code,
        e.service_code,
        e.event_on,
        case
            when not e.is_route_known and g.route_count > 0 then 'ROUTE_UNMAPPED'
            when e.is_wrong_direction then 'WRONG_DIRECTION'
            when u.hold_code = 'AGREEMENT_EXPIRED' then 'AGREEMENT_EXPIRED'
        end as fault_code,
        u.hold_code is null as is_settled,
        e.quantity_milli,
        e._source_file,
        e._source_row,
        e._file_hash
    from {{ ref('int_settlement__routed_events') }} as e
    cross join register as g
    left join unsettled as u
        on
            e.partner_id = u.partner_id
            and e.direction_code = u.direction_code
            and e.service_code = u.service_code
            and e.band_code = u.band_code
            and e.event_on = u.event_on
    where not e.is_test and not e.is_repeated and {{ in_window('e.event_on') }}
),

days as (
    select
        trunk_group_id,
        direction_code,
        service_code,
        event_on,
        fault_code,
        max(partner_id) as partner_id,
        count(*) as event_count,
        cast(sum(quantity_milli) as bigint) as quantity_milli,
        cast(sum(case when is_settled then 0 else quantity_milli end) as bigint) as unsettled_milli,
        min({{ record_place() }}) as first_place
    from events
    where fault_code is not null
    group by trunk_group_id, direction_code, service_code, event_on, fault_code
),

valued as (
    select
        d.trunk_group_id,
        d.direction_code,
        d.service_code,
        d.event_on,
        d.fault_code,
        d.partner_id,
        d.event_count,
        d.quantity_milli,
        d.first_place,
        coalesce(min({{ settled_micros(
            'd.unsettled_milli', 'r.price_micros', 'r.unit_milli', '0', '0', '1'
        ) }}), 0) as fault_micros
    from days as d
    left join standard_rates as r
        on
            d.direction_code = r.direction_code
            and d.service_code = r.service_code
            and d.event_on >= r.valid_from_on
            and d.event_on < r.valid_to_on
    group by
        d.trunk_group_id, d.direction_code, d.service_code, d.event_on, d.fault_code, d.partner_id, d.event_count,
        d.quantity_milli, d.first_place
),

final as (
    select
        trunk_group_id,
        direction_code,
        {{ month_of('event_on') }} as statement_month,
        fault_code,
        max(partner_id) as partner_id,
        min(event_on) as first_on,
        max(event_on) as last_on,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(quantity_milli) as bigint) as quantity_milli,
        cast(sum(fault_micros) as bigint) as fault_micros,
        min(first_place) as first_place
    from valued
    group by trunk_group_id, direction_code, {{ month_of('event_on') }}, fault_code
)

select * from final
