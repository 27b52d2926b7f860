-- the level with which a month begins is what all events before it have raised and lowered
with

months as (
    {{ date_spine(window_from(), add_days(window_to(), -1), 'month') }}
),

levels as (
    select
        m.spine_on as event_month,
        r.subscription_id,
        p.service_code
    from months as m
    inner join {{ ref('int_customers__rating_periods') }} as r
        on m.spine_on >= r.valid_from_on and m.spine_on < r.valid_to_on
    inner join {{ ref('int_catalogue__month_prices') }} as p
        on
            p.is_level
            and r.product_offering_id = p.product_offering_id
            and m.spine_on >= p.valid_from_on
            and m.spine_on < p.valid_to_on
    group by m.spine_on, r.subscription_id, p.service_code
),

changes as (
    select
        e.subscription_id,
        e.service_code,
        e.event_month,
        sum(e.quantity) as quantity
    from {{ ref('int_usage__received_events') }} as e
    inner join (select distinct subscription_id, service_code from levels) as l
        on e.subscription_id = l.subscription_id and e.service_code = l.service_code
    where e.event_on < {{ window_to() }}
    group by e.subscription_id, e.service_code, e.event_month
),

final as (
    select
        l.event_month,
        l.subscription_id,
        l.service_code,
        cast(sum(c.quantity) as decimal(18, 3)) as quantity
    from levels as l
    inner join changes as c
        on
            l.subscription_id = c.subscription_id
            and l.service_code = c.service_code
            and l.event_month > c.event_month
    group by l.event_month, l.subscription_id, l.service_code
    having sum(c.quantity) <> 0
)

select * from final
