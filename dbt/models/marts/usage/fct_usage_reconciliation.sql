-- every record of both sides in exactly one result type: the control proves its own completeness
with

days as (
    select * from {{ ref('int_usage__day_counts') }}
),

results as (
    select * from {{ ref('int_usage__match_results') }}
),

left_results as (
    select
        left_event_on as event_on,
        service_code,
        result_type,
        count(*) as left_count,
        sum(left_quantity) as left_quantity
    from results
    where left_no is not null
    group by left_event_on, service_code, result_type
),

right_results as (
    select
        right_event_on as event_on,
        service_code,
        result_type,
        count(*) as right_count,
        sum(right_quantity) as right_quantity
    from results
    where right_no is not null
    group by right_event_on, service_code, result_type
),

feeds as (
    select count(*) = 2 as has_both
    from {{ ref('stg_tieout__feeds') }}
    where feed in ('network_usage', 'rated_usage') and row_count > 0
),

-- what ties in the first pass is never written: it is the rest of each side; a side alone cannot tie yet
parts as (
    select
        d.event_on, d.service_code, case when f.has_both then 'matched' else 'pending' end as result_type,
        d.left_count, d.right_count, d.left_quantity, d.right_quantity
    from days as d
    cross join feeds as f
    union all
    select
        event_on, service_code, 'explained' as result_type,
        terminating_count as left_count, 0 as right_count, terminating_quantity as left_quantity, 0 as right_quantity
    from days
    union all
    select event_on, service_code, result_type, left_count, 0 as right_count, left_quantity, 0 as right_quantity
    from left_results
    union all
    select
        r.event_on, r.service_code, case when f.has_both then 'matched' else 'pending' end as result_type,
        -r.left_count as left_count, 0 as right_count, -r.left_quantity as left_quantity, 0 as right_quantity
    from left_results as r
    cross join feeds as f
    union all
    select event_on, service_code, result_type, 0 as left_count, right_count, 0 as left_quantity, right_quantity
    from right_results
    union all
    select
        r.event_on, r.service_code, case when f.has_both then 'matched' else 'pending' end as result_type,
        0 as left_count, -r.right_count as right_count, 0 as left_quantity, -r.right_quantity as right_quantity
    from right_results as r
    cross join feeds as f
),

final as (
    select
        event_on,
        service_code,
        cast(result_type as string) as result_type,
        cast(sum(left_count) as bigint) as left_count,
        cast(sum(right_count) as bigint) as right_count,
        cast(sum(left_quantity) as decimal(38, 3)) as left_quantity,
        cast(sum(right_quantity) as decimal(38, 3)) as right_quantity
    from parts
    group by event_on, service_code, result_type
    -- a day may hold but the rest of a call that began the day before
    having sum(left_count) <> 0 or sum(right_count) <> 0 or sum(left_quantity) <> 0 or sum(right_quantity) <> 0
)

select * from final
