-- both sides of the match, counted again from raw, are the sum of their result types
with

counted as (
    select
        sum(left_count + terminating_count) as left_count,
        sum(right_count) as right_count
    from {{ ref('int_usage__day_counts') }}
),

typed as (
    select
        sum(left_count) as left_count,
        sum(right_count) as right_count
    from {{ ref('fct_usage_reconciliation') }}
)

select
    c.left_count,
    t.left_count as typed_left_count,
    c.right_count,
    t.right_count as typed_right_count
from counted as c
cross join typed as t
where c.left_count <> t.left_count or c.right_count <> t.right_count
