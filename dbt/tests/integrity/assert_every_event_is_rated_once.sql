-- every event that billing received is in exactly one row of the rating, for every month
with

received as (
    select
        event_month,
        count(*) as event_count
    from {{ ref('int_usage__billing_set') }}
    where {{ in_window('event_on') }}
    group by event_month
),

rated as (
    select
        event_month,
        sum(event_count) as event_count
    from {{ ref('int_usage__rerated') }}
    group by event_month
)

select
    coalesce(e.event_month, r.event_month) as event_month,
    e.event_count as received_count,
    r.event_count as rated_count
from received as e
full outer join rated as r on e.event_month = r.event_month
where e.event_count is distinct from r.event_count
