-- what has to be rated again where a step changes a record: the subscription's own usage of the service, or all that
-- draws on the same allowances, where they are shared in an account or are of money, which pays every service
with

changed as (
    select distinct
        subscription_id,
        service_code,
        event_month,
        changes_at as step_no
    from {{ ref('int_usage__chain_records') }}
    where subscription_id is not null and changes_at is not null
),

pools as (
    select
        subscription_id,
        granted_month,
        max(case when is_shared then owner_key end) as account_key,
        max(concat('subscription ', subscription_id)) as own_key,
        bool_or(is_money) as has_money
    from {{ ref('int_billing__allowance_members') }}
    group by subscription_id, granted_month
    having bool_or(is_shared or is_money)
),

sharing as (
    select
        subscription_id,
        granted_month,
        coalesce(account_key, own_key) as owner_key,
        bool_or(has_money) over (partition by coalesce(account_key, own_key), granted_month) as is_of_all_services
    from pools
),

marked as (
    select
        c.subscription_id,
        c.event_month,
        c.step_no,
        s.owner_key,
        case when not coalesce(s.is_of_all_services, false) then c.service_code end as service_code
    from changed as c
    left join sharing as s on c.subscription_id = s.subscription_id and c.event_month = s.granted_month
),

final as (
    select
        concat(subscription_id, '|', service_code) as counter_key,
        subscription_id,
        service_code,
        event_month,
        step_no
    from marked
    where owner_key is null
    union
    select
        concat(m.owner_key, '|', coalesce(m.service_code, '')) as counter_key,
        s.subscription_id,
        m.service_code,
        m.event_month,
        m.step_no
    from marked as m
    inner join sharing as s on m.owner_key = s.owner_key and m.event_month = s.granted_month
)

select * from final
