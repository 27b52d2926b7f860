-- who a number belongs to on a day: from its first day until the next subscription takes the number over
with

crm as (
    select subscription_id, account_id, service_id, coalesce(is_multi_sim, false) as is_multi_sim, valid_from_on
    from {{ ref('stg_crm__crm_services') }}
),

billing as (
    select subscription_id, account_id, service_id, coalesce(is_multi_sim, false) as is_multi_sim, valid_from_on
    from {{ ref('stg_billing__subscriptions') }}
),

subscriptions as (
    select
        service_id,
        subscription_id,
        min(account_id) as account_id,
        bool_or(is_multi_sim) as is_multi_sim,
        min(valid_from_on) as first_on
    from (
        select * from crm
        union all
        select * from billing
    ) as both_views
    group by service_id, subscription_id
),

ordered as (
    select
        *,
        row_number() over (partition by service_id order by first_on, subscription_id) as owner_no,
        lead(first_on) over (partition by service_id order by first_on, subscription_id) as next_first_on
    from subscriptions
),

final as (
    select
        service_id,
        subscription_id,
        account_id,
        is_multi_sim,
        owner_no = 1 or not is_multi_sim as is_primary,
        case when owner_no = 1 or is_multi_sim then cast('0001-01-01' as date) else first_on end as owned_from_on,
        case
            when is_multi_sim then cast('9999-12-31' as date)
            else coalesce(next_first_on, cast('9999-12-31' as date))
        end as owned_to_on
    from ordered
)

select * from final
