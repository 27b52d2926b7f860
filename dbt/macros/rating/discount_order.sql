{# Which discounts hold on which charges, and in which order those of a bill are taken. charges: charge_key, bill_key (the
   charges that are discounted together), billing_month, account_id, subscription_id, product_offering_id, charge_code,
   line_type, currency_code, service_start_on; grants: the columns of int_billing__discount_grants. Gives CTEs up to
   ordered_discounts, a row per charge and discount. #}
{% macro discount_order(charges, grants) %}
discounts as (
    select
        *,
        coalesce(priority, 0) as order_no,
        case scope_type when 'line' then 1 when 'product' then 2 when 'subscription' then 3 else 4 end as scope_no,
        case discount_type when 'amount' then 2 else 1 end as type_no,
        valid_from_on as from_on,
        granted_to_on as to_on
    from {{ grants }}
    -- plain percentages are taken as the charge is rated
    where is_approved and not (discount_type = 'percent' and charge_type in ('recurring', 'usage') and is_plain)
),

line_counts as (
    select
        c.bill_key,
        count(distinct c.subscription_id) as line_count
    from {{ charges }} as c
    inner join {{ ref('stg_crm__product_offerings') }} as o on c.product_offering_id = o.product_offering_id
    where c.line_type = 'recurring' and o.product_type = 'plan'
    group by c.bill_key
),

-- one equal join for all holders: with a join for each kind the engine takes every charge with every discount
holders as (
    select charge_key, concat('subscription ', subscription_id) as holder from {{ charges }}
    union all
    select charge_key, concat('account ', account_id) as holder from {{ charges }}
    union all
    select charge_key, 'everybody' as holder from {{ charges }}
),

candidates as (
    select h.charge_key, d.discount_id
    from holders as h
    inner join discounts as d
        on h.holder = case
            when d.subscription_id is not null then concat('subscription ', d.subscription_id)
            when d.account_id is not null then concat('account ', d.account_id)
            else 'everybody'
        end
),

eligible as (
    select
        c.charge_key, c.bill_key, c.billing_month, c.account_id, c.subscription_id, c.product_offering_id,
        d.discount_id, d.charge_type, d.scope_type, d.discount_type, d.discount_amount, d.rate_ratio, d.free_quantity,
        d.ceiling_ratio, d.stacking_type, d.compounding_type, d.spread_type, d.order_no, d.scope_no, d.type_no,
        d.from_on
    from candidates as x
    inner join {{ charges }} as c on x.charge_key = c.charge_key
    inner join discounts as d on x.discount_id = d.discount_id
    left join line_counts as n on c.bill_key = n.bill_key
    where
        (d.charge_type = 'all' or d.charge_type = c.line_type)
        and coalesce(d.charge_code, c.charge_code) = c.charge_code
        and coalesce(d.product_offering_id, c.product_offering_id, '') = coalesce(c.product_offering_id, '')
        and coalesce(d.currency_code, c.currency_code) = c.currency_code
        and coalesce(n.line_count, 0) >= coalesce(d.minimum_line_count, 0)
        and case when d.scope_type = 'account' then c.billing_month else c.service_start_on end >= d.from_on
        and case when d.scope_type = 'account' then c.billing_month else c.service_start_on end < d.to_on
),

ordered_discounts as (
    select
        charge_key,
        discount_id,
        billing_month,
        account_id,
        charge_type,
        scope_type,
        discount_type,
        concat(
            bill_key, '|', discount_id,
            case scope_type
                when 'account' then ''
                when 'line' then concat('|', charge_key)
                when 'product' then concat('|', coalesce(subscription_id, ''), '|', coalesce(product_offering_id, ''))
                else concat('|', coalesce(subscription_id, ''))
            end
        ) as group_key,
        cast(dense_rank() over (
            partition by bill_key
            order by order_no, scope_no, type_no, from_on, discount_id
        ) as integer) as step_no,
        {{ to_micros('discount_amount') }} as discount_micros,
        cast(rate_ratio * 1000000 as bigint) as rate_millionths,
        {{ to_milli('free_quantity') }} as free_milli,
        cast(ceiling_ratio * 1000000 as bigint) as ceiling_millionths,
        coalesce(stacking_type = 'exclusive', false) as is_exclusive,
        coalesce(compounding_type = 'additive', false) as is_additive,
        coalesce(spread_type = 'exact', false) as is_exact
    from eligible
),
{% endmacro %}
