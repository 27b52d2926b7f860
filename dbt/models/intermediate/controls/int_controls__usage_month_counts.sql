-- usage records of each month and what became of them
with

usage_months as (
    select
        {{ month_of('event_on') }} as billing_month,
        sum(left_count) as left_count,
        sum(right_count) as right_count,
        sum(zero_count) as zero_count,
        sum(linked_count) as linked_count
    from {{ ref('int_usage__day_counts') }}
    group by {{ month_of('event_on') }}
),

results as (
    select
        {{ month_of('event_on') }} as billing_month,
        sum(case when result_type = 'explained' then 1 else 0 end) as explained_count,
        sum(case when result_type = 'pending' then 1 else 0 end) as pending_count,
        sum(case when result_type = 'matched' then 1 else 0 end) as late_match_count,
        sum(case when left_no is not null then 1 else 0 end) as untied_left_count
    from {{ ref('int_usage__match_results') }}
    group by {{ month_of('event_on') }}
),

final as (
    select
        u.billing_month,
        u.left_count as network_count,
        u.right_count as rated_count,
        u.zero_count,
        u.linked_count,
        coalesce(r.explained_count, 0) as explained_count,
        coalesce(r.pending_count, 0) as pending_count,
        u.left_count - coalesce(r.untied_left_count, 0) + coalesce(r.late_match_count, 0) as matched_count
    from usage_months as u
    left join results as r on u.billing_month = r.billing_month
)

select * from final
