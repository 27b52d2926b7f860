-- what was exchanged with partners is on our statement, not settled, repeated, or a test
with

exchanged as (
    select
        count(*) as event_count,
        coalesce(sum(quantity_milli), 0) as quantity_milli
    from {{ ref('int_settlement__routed_events') }}
    where not is_test and {{ in_window('event_on') }}
),

settled as (
    select
        coalesce(sum(event_count), 0) as event_count,
        coalesce(sum(quantity_milli), 0) as quantity_milli
    from {{ ref('int_settlement__lines') }}
),

unsettled as (
    select
        coalesce(sum(event_count), 0) as event_count,
        coalesce(sum(quantity_milli), 0) as quantity_milli
    from {{ ref('int_settlement__unsettled_traffic') }}
)

select
    e.event_count,
    s.event_count as settled_count,
    u.event_count as unsettled_count,
    e.quantity_milli,
    s.quantity_milli as settled_milli,
    u.quantity_milli as unsettled_milli
from exchanged as e
cross join settled as s
cross join unsettled as u
where e.event_count <> s.event_count + u.event_count or e.quantity_milli <> s.quantity_milli + u.quantity_milli
