-- the value of each account's usage at every point of the chain, each a complete sum
with

subscriptions as (
    select * from {{ ref('int_customers__subscription_accounts') }}
),

-- what is not rated by the event is owed by the month: int_usage__period_comparison has it
rated_feed as (
    select count(*) = 1 as is_there
    from {{ ref('stg_tieout__feeds') }}
    where feed = 'rated_usage' and row_count > 0
),

rerated as (
    select
        r.event_month as billing_month,
        coalesce(s.account_id, '') as account_id,
        cast(sum(coalesce(r.charge_micros, 0)) as bigint) as micros
    from {{ ref('int_usage__rerated') }} as r
    cross join rated_feed as f
    left join subscriptions as s on r.subscription_id = s.subscription_id
    where r.is_charged or not f.is_there
    group by r.event_month, coalesce(s.account_id, '')
),

chain as (
    select
        a.event_month as billing_month,
        coalesce(s.account_id, '') as account_id,
        a.step_no,
        cast(sum(a.step_micros) as bigint) as micros
    from {{ ref('int_usage__step_amounts') }} as a
    left join subscriptions as s on a.subscription_id = s.subscription_id
    group by a.event_month, coalesce(s.account_id, ''), a.step_no
),

charged as (
    select
        {{ month_of('r.event_on') }} as billing_month,
        r.account_id,
        cast(sum({{ to_micros('r.charge_amount') }}) as bigint) as micros
    from {{ ref('stg_billing__rated_usage') }} as r
    left join {{ ref('int_customers__prepaid_subscriptions') }} as p on r.subscription_id = p.subscription_id
    where p.subscription_id is null and {{ in_window('r.event_on') }}
    group by {{ month_of('r.event_on') }}, r.account_id
),

charged_twice as (
    select
        event_month as billing_month,
        account_id,
        cast(sum(charge_micros) as bigint) as micros
    from {{ ref('int_usage__billing_exceptions') }}
    where exception_type in ('billed_twice', 'linked_twice')
    group by event_month, account_id
),

lines as (
    select
        billed_month as billing_month,
        account_id,
        cast(sum(linked_micros) as bigint) as linked_micros,
        cast(sum(line_micros) as bigint) as line_micros
    from {{ ref('int_usage__usage_lines') }}
    group by billed_month, account_id
),

-- usage: the points of the chain, each a complete sum
usage_points as (
    select billing_month, account_id, 'rerated' as point, micros from rerated
    union all
    select billing_month, account_id, concat('step_', cast(step_no as string)) as point, micros from chain
    union all
    select billing_month, account_id, 'charged' as point, micros from charged
    union all
    select billing_month, account_id, 'charged' as point, -micros as micros from charged_twice
    union all
    select billing_month, account_id, 'by_month' as point, owed_micros as micros
    from {{ ref('int_usage__period_comparison') }}
    union all
    select billing_month, account_id, 'linked' as point, linked_micros from lines
    union all
    select billing_month, account_id, 'billed' as point, line_micros from lines
),

final as (
    select
        billing_month,
        account_id,
        sum(case when point = 'rerated' then micros else 0 end) as rerated,
        sum(case when point = 'step_1' then micros else 0 end) as step_1,
        sum(case when point = 'step_2' then micros else 0 end) as step_2,
        sum(case when point = 'step_3' then micros else 0 end) as step_3,
        sum(case when point = 'step_4' then micros else 0 end) as step_4,
        sum(case when point = 'charged' then micros else 0 end) as charged,
        sum(case when point = 'by_month' then micros else 0 end) as by_month,
        sum(case when point = 'linked' then micros else 0 end) as linked,
        sum(case when point = 'billed' then micros else 0 end) as billed
    from usage_points
    group by billing_month, account_id
)

select * from final
