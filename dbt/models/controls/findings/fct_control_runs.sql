with

status as (
    select * from {{ ref('int_controls__status') }}
),

findings as (
    select
        control_id,
        period,
        count(*) as finding_count,
        sum(under_amount) as under_amount,
        sum(over_amount) as over_amount
    from {{ ref('fct_findings') }}
    group by control_id, period
),

-- a control whose join keys are in doubt runs, but its result is stamped
doubts as (
    select distinct period
    from {{ ref('fct_findings') }}
    where control_id in ('DQ-01', 'DQ-03') and category in ('FEED_MISSING', 'FEED_LOW', 'KEY_NULL', 'KEY_UNRESOLVED')
),

final as (
    select
        s.control_id,
        s.billing_month,
        cast(case
            when not s.is_run then 'not_run'
            when s.control_id in ('USG-02', 'USG-06') and d.period is not null then 'low_coverage'
            when f.finding_count > 0 then 'findings'
            else 'pass'
        end as string) as status,
        s.reason,
        s.left_count,
        s.right_count,
        s.matched_count,
        s.explained_count,
        s.pending_count,
        cast(coalesce(f.finding_count, 0) as bigint) as finding_count,
        {{ amount('coalesce(f.under_amount, 0)') }} as under_amount,
        {{ amount('coalesce(f.over_amount, 0)') }} as over_amount,
        cast('{{ var("currency_code") }}' as string) as currency_code
    from status as s
    left join findings as f on s.control_id = f.control_id and s.billing_month = f.period
    left join doubts as d on s.billing_month = d.period
)

select * from final
