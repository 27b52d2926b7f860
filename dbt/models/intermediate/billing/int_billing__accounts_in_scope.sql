-- who is to get an invoice: active, with a plan that costs something by itself or has no price at all; usage
-- alone may be nothing in a month
with

recurring_offers as (
    select
        product_offering_id,
        sum(case when charge_type = 'recurring' then 1 else 0 end) as recurring_count
    from {{ ref('int_catalogue__prices') }}
    where product_offering_id is not null
    group by product_offering_id
),

active as (
    select b.billing_month as charge_month, p.account_id, p.subscription_id
    from {{ ref('int_billing__chargeable_periods') }} as p
    inner join {{ ref('int_billing__account_periods') }} as b
        on
            p.account_id = b.account_id
            and p.valid_from_on < b.period_end_on
            and p.valid_to_on > b.period_start_on
            and {{ in_window('b.billing_month') }}
    left join recurring_offers as o on p.product_offering_id = o.product_offering_id
    where p.charge_set = 'entitled' and not p.is_kept and coalesce(o.recurring_count, 1) > 0
),

final as (
    select
        s.charge_month as billing_month,
        s.account_id,
        max(a.bill_cycle_code) as bill_cycle_code,
        max(a.currency_code) as currency_code,
        count(distinct s.subscription_id) as subscription_count
    from active as s
    inner join {{ ref('stg_crm__accounts') }} as a on s.account_id = a.account_id
    where a.account_type not in ({{ not_charged_accounts() }})
    group by s.charge_month, s.account_id
)

select * from final
