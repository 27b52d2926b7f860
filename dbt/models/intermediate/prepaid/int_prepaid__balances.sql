-- the balances of each prepaid subscription in the order in which they pay: 0 is money, units come first
with

subscriptions as (
    select
        subscription_id,
        cast(row_number() over (order by subscription_id) as integer) as subscription_no
    from {{ ref('int_customers__prepaid_subscriptions') }}
),

definitions as (
    select * from {{ ref('stg_billing__balance_definitions') }}
),

found as (
    select subscription_id, balance_code from {{ ref('stg_billing__balance_snapshots') }}
    union
    select subscription_id, balance_code from {{ ref('stg_billing__topups') }}
    where balance_code is not null
),

units as (
    select
        f.subscription_id,
        f.balance_code,
        d.service_code,
        d.zone_code,
        {{ to_milli('coalesce(d.increment_quantity, 0)') }} as increment_milli,
        row_number() over (
            partition by f.subscription_id order by coalesce(d.priority, 0), f.balance_code
        ) as slot_no
    from found as f
    inner join definitions as d on f.balance_code = d.balance_code
    where d.balance_type = 'unit'
),

money as (
    select
        s.subscription_id,
        coalesce(min(d.balance_code), 'MONEY') as balance_code,
        coalesce(bool_or(d.is_negative_allowed), false) as is_negative_allowed
    from subscriptions as s
    left join found as f on s.subscription_id = f.subscription_id
    left join definitions as d on f.balance_code = d.balance_code and d.balance_type = 'money'
    group by s.subscription_id
),

final as (
    select
        s.subscription_no,
        s.subscription_id,
        cast(b.slot_no as integer) as slot_no,
        b.balance_code,
        b.service_code,
        b.zone_code,
        b.increment_milli,
        b.is_negative_allowed
    from (
        select
            subscription_id,
            slot_no,
            balance_code,
            service_code,
            zone_code,
            increment_milli,
            false as is_negative_allowed
        from units
        union all
        select
            subscription_id, 0 as slot_no, balance_code, cast(null as string) as service_code,
            cast(null as string) as zone_code, 0 as increment_milli, is_negative_allowed
        from money
    ) as b
    inner join subscriptions as s on b.subscription_id = s.subscription_id
)

select * from final
