-- the pools that each subscription may draw on in a month, in the order in which it does
with

grants as (
    select * from {{ ref('int_billing__allowance_grants') }}
),

allowances as (
    select
        *,
        coalesce(sharing_type, 'subscription') = 'account' as is_shared,
        coalesce(allowance_type, 'unit') = 'money' as is_money,
        case when is_rolled_over then coalesce(rollover_month_count, 0) else 0 end as rollover_count
    from {{ ref('stg_billing__allowances') }}
),

-- an allowance beside another one that may pay the same event
overlapping as (
    select distinct a.allowance_id
    from allowances as a
    inner join allowances as b
        on
            a.product_offering_id = b.product_offering_id
            and a.allowance_id <> b.allowance_id
            and a.service_code = b.service_code
            and coalesce(a.zone_code = b.zone_code, true)
),

pools as (
    select
        g.allowance_id,
        case
            when a.is_shared then concat('account ', g.account_id) else concat('subscription ', g.subscription_id)
        end as owner_key,
        g.account_id,
        case when a.is_shared then null else g.subscription_id end as subscription_id,
        g.granted_month,
        min(g.held_from_on) as held_from_on,
        max(g.held_to_on) as held_to_on,
        cast(sum(g.granted_units) as bigint) as granted_units,
        bool_or(not g.is_plan or x.allowance_id is not null) as is_beside
    from grants as g
    inner join allowances as a on g.allowance_id = a.allowance_id
    left join overlapping as x on g.allowance_id = x.allowance_id
    group by
        g.allowance_id, g.account_id, g.granted_month,
        case when a.is_shared then concat('account ', g.account_id) else concat('subscription ', g.subscription_id) end,
        case when a.is_shared then null else g.subscription_id end
),

users as (
    select distinct subscription_id, account_id from {{ ref('int_customers__plan_periods') }}
),

used as (
    select
        p.allowance_id, p.owner_key, p.account_id, u.subscription_id, p.granted_month, p.held_from_on, p.held_to_on,
        p.granted_units, p.is_beside
    from pools as p
    inner join users as u
        on p.account_id = u.account_id and coalesce(p.subscription_id, u.subscription_id) = u.subscription_id
),

-- a subscription whose events ask more than one plain allowance
termed as (
    select
        u.*,
        a.is_shared,
        a.is_money,
        a.service_code,
        a.zone_code,
        a.time_band_code,
        coalesce(a.priority, 0) as priority,
        case when a.is_money then 0 else {{ to_milli('coalesce(a.increment_quantity, 0)') }} end as increment_milli,
        a.rollover_count,
        bool_or(
            u.is_beside or a.is_money or a.is_shared or coalesce(a.is_prorated, false) or a.rollover_count > 0
            or coalesce(a.increment_quantity, 0) > 0 or a.time_band_code is not null
        ) over (partition by u.subscription_id) as is_layered
    from used as u
    inner join allowances as a on u.allowance_id = a.allowance_id
),

final as (
    select
        dense_rank() over (order by allowance_id, owner_key) * 1024
        + (year(granted_month) * 12 + month(granted_month)) % 1024 as pool_no,
        owner_key,
        allowance_id,
        subscription_id,
        granted_month,
        held_from_on,
        held_to_on,
        granted_units,
        is_shared,
        is_money,
        service_code,
        zone_code,
        time_band_code,
        increment_milli,
        rollover_count,
        -- the allowance for a zone or a band itself is used first, as the price for a zone wins
        dense_rank() over (
            partition by
                account_id, granted_month, is_layered, is_money, case when is_money then '' else service_code end
            order by
                case when zone_code is null then 1 else 0 end, case when time_band_code is null then 1 else 0 end,
                priority, allowance_id
        ) as layer_no,
        is_layered
    from termed
)

select * from final
