-- one percentage discount at a time for a subscription and kind of charge: where two overlap the better priority holds
-- those that are said to stack, to hold alone or to end after some bills are taken from the bill, not from the charge
with

discounts as (
    select
        discount_id,
        account_id,
        subscription_id as granted_subscription_id,
        charge_type,
        charge_code,
        product_offering_id,
        rate_ratio,
        priority,
        valid_from_on as from_on,
        granted_to_on as to_on
    from {{ ref('int_billing__discount_grants') }}
    where
        discount_type = 'percent'
        and charge_type in ('recurring', 'usage')
        and is_plain
        and is_approved
),

subscriptions as (
    select * from {{ ref('int_customers__subscription_accounts') }}
),

grants as (
    select
        s.subscription_id,
        d.*
    from discounts as d
    inner join subscriptions as s on d.granted_subscription_id = s.subscription_id
    union all
    select
        s.subscription_id,
        d.*
    from discounts as d
    inner join subscriptions as s on d.account_id = s.account_id
    where d.granted_subscription_id is null
    union all
    select
        s.subscription_id,
        d.*
    from discounts as d
    cross join subscriptions as s
    where d.granted_subscription_id is null and d.account_id is null
),

granted as (
    select
        subscription_id,
        discount_id,
        charge_type,
        charge_code,
        product_offering_id,
        rate_ratio,
        coalesce(priority, 0) as priority,
        from_on,
        to_on
    from grants
),

final as (
    select
        g.subscription_id,
        g.discount_id,
        g.charge_type,
        g.charge_code,
        g.product_offering_id,
        g.rate_ratio,
        g.from_on as valid_from_on,
        g.to_on as valid_to_on
    from granted as g
    where not exists (
        select 1
        from granted as better
        where
            better.subscription_id = g.subscription_id
            and better.charge_type = g.charge_type
            and coalesce(better.charge_code, '') = coalesce(g.charge_code, '')
            and coalesce(better.product_offering_id, '') = coalesce(g.product_offering_id, '')
            and better.from_on < g.to_on
            and better.to_on > g.from_on
            and (better.priority < g.priority or (better.priority = g.priority and better.discount_id < g.discount_id))
    )
)

select * from final
