-- the value of each account's recurring charges at every point of the chain, each a complete sum
with

recurring as (
    select
        charge_month as billing_month,
        account_id,
        sum(case when charge_set = 'entitled' then net_micros else 0 end) as entitled,
        sum(case when charge_set = 'both' then net_micros else 0 end) as both_views,
        sum(case when charge_set = 'billed' then net_micros else 0 end) as due,
        cast(0 as bigint) as billed
    from {{ ref('int_billing__discounted_charges') }}
    group by charge_month, account_id
    union all
    -- a fixed amount of the account is the same at every point: that of the charges that billing knows
    select
        charge_month as billing_month, account_id,
        sum(-discount_micros) as entitled, sum(-discount_micros) as both_views, sum(-discount_micros) as due,
        cast(0 as bigint) as billed
    from {{ ref('int_billing__recurring_discounts') }}
    where charge_set = 'billed' and is_of_account
    group by charge_month, account_id
    union all
    select
        charge_month as billing_month, account_id,
        cast(0 as bigint) as entitled, cast(0 as bigint) as both_views, cast(0 as bigint) as due,
        sum(billed_micros) as billed
    from {{ ref('int_billing__recurring_comparison') }}
    group by charge_month, account_id
    union all
    -- what is owed of a least amount is owed at every point; only the invoice may lack it
    select
        charge_month as billing_month, account_id,
        sum(due_micros) as entitled, sum(due_micros) as both_views, sum(due_micros) as due,
        sum(billed_micros) as billed
    from {{ ref('int_billing__commitment_checks') }}
    group by charge_month, account_id
),

final as (
    select
        billing_month,
        account_id,
        sum(entitled) as entitled,
        sum(entitled) - sum(both_views) as not_in_billing,
        sum(both_views) - sum(due) as billing_only,
        sum(due) - sum(billed) as invoicing,
        sum(billed) as billed
    from recurring
    group by billing_month, account_id
)

select * from final
