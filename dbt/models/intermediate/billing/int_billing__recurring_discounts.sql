-- what the register takes off each recurring charge, one discount after the other as on a bill, for each charge set by
-- itself. Usage is on no such bill: a share of all charges keeps its place in the order and is not compared
with

items as (
    select
        *,
        {{ recurring_charge_key() }} as charge_key
    from {{ ref('int_billing__recurring_items') }}
    where {{ in_window('charge_month') }}
),

charges as (
    select * from {{ ref('int_billing__discountable_charges') }}
),

grants as (
    select * from {{ ref('int_billing__discount_grants') }}
    where charge_type = 'recurring' or (charge_type = 'all' and discount_type = 'percent')
),

{{ discount_order('charges', 'grants') }}

discounted as (
    select c.*
    from charges as c
    inner join (select distinct charge_key from ordered_discounts) as o on c.charge_key = o.charge_key
),

{{ discount_steps('discounted', 'ordered_discounts', var('discount_step_count')) }}

shares as (
    select
        charge_key,
        discount_id,
        false as is_amount,
        false as is_of_account,
        discount_micros
    from items
    where discount_micros <> 0
    union all
    select
        o.charge_key,
        o.discount_id,
        o.discount_type = 'amount' as is_amount,
        o.discount_type = 'amount' and o.scope_type = 'account' as is_of_account,
        case o.step_no
            {% for step in range(1, var('discount_step_count') + 1) %}when {{ step }} then s.share_{{ step }}
            {% endfor %}
        end as discount_micros
    from ordered_discounts as o
    inner join state_{{ var('discount_step_count') }} as s on o.charge_key = s.charge_key
    where o.charge_type = 'recurring'
),

final as (
    select
        c.charge_set,
        c.charge_month,
        c.account_id,
        c.subscription_id,
        c.product_offering_id,
        c.charge_code,
        c.currency_code,
        s.discount_id,
        s.is_amount,
        s.is_of_account,
        max(c.minor_step_micros) as minor_step_micros,
        cast(sum(s.discount_micros) as bigint) as discount_micros
    from shares as s
    inner join charges as c on s.charge_key = c.charge_key
    group by
        c.charge_set, c.charge_month, c.account_id, c.subscription_id, c.product_offering_id, c.charge_code,
        c.currency_code, s.discount_id, s.is_amount, s.is_of_account
)

select * from final
