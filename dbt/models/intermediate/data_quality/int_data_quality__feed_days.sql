-- the network elements' feeds, a day each: missing and low days make the records of that day unverifiable
with

elements as (
    select
        ne_id,
        event_on,
        count(*) as row_count
    from {{ ref('stg_mediation__network_usage') }}
    where {{ in_window('event_on') }} and ne_id is not null
    group by ne_id, event_on
),

calendar as (
    select * from {{ ref('stg_billing__period_calendar') }}
),

span as (
    select min(event_on) as first_on, max(event_on) as last_on from elements
),

days as (
    {{ date_spine(window_from(), add_days(window_to(), -1)) }}
),

expected as (
    select
        ne.ne_id,
        d.spine_on as event_on
    from (select distinct ne_id from elements) as ne
    cross join days as d
    inner join span as s on d.spine_on >= s.first_on and d.spine_on <= s.last_on
),

counted as (
    select
        x.ne_id,
        x.event_on,
        coalesce(e.row_count, 0) as row_count,
        coalesce(c.expected_volume_ratio, 1) as expected_volume_ratio
    from expected as x
    left join elements as e on x.ne_id = e.ne_id and x.event_on = e.event_on
    left join calendar as c on x.event_on = c.calendar_on
),

-- the usual day: median of the same weekday within eight weeks, days of the calendar put aside
usual as (
    select
        a.ne_id,
        a.event_on,
        cast(percentile_cont(0.5) within group (order by b.row_count) as decimal(18, 3)) as usual_row_count
    from counted as a
    inner join counted as b
        on
            a.ne_id = b.ne_id
            and a.event_on <> b.event_on
            and abs({{ days_between('b.event_on', 'a.event_on') }}) <= 56
            and abs({{ days_between('b.event_on', 'a.event_on') }}) % 7 = 0
            and b.expected_volume_ratio = 1
    group by a.ne_id, a.event_on
),

final as (
    select
        c.ne_id,
        c.event_on,
        c.row_count,
        u.usual_row_count,
        c.expected_volume_ratio,
        case
            when c.expected_volume_ratio = 0 then 'ok'
            when c.row_count = 0 then 'FEED_MISSING'
            when
                c.row_count < cast(u.usual_row_count as decimal(20, 3))
                * cast(c.expected_volume_ratio as decimal(9, 6)) * cast({{ var('feed_low_ratio') }} as decimal(4, 3))
                then 'FEED_LOW'
            else 'ok'
        end as feed_state
    from counted as c
    left join usual as u on c.ne_id = u.ne_id and c.event_on = u.event_on
)

select * from final
