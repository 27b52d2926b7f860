-- plan and usage discount of a subscription, cut where either changes: one look-up prices an event
with

plans as (
    select
        subscription_id,
        product_offering_id,
        valid_from_on,
        valid_to_on
    from {{ ref('int_customers__plan_periods') }}
),

discounts as (
    select * from {{ ref('int_billing__percent_discounts') }}
    where charge_type = 'usage'
),

borders as (
    select subscription_id, valid_from_on as border_on from plans
    union
    select subscription_id, valid_to_on as border_on from plans
    union
    select subscription_id, valid_from_on as border_on from discounts
    union
    select subscription_id, valid_to_on as border_on from discounts
),

pieces as (
    select
        subscription_id,
        border_on as valid_from_on,
        lead(border_on) over (partition by subscription_id order by border_on) as valid_to_on
    from borders
),

-- a discount for the plan itself wins over one for every plan
ranked as (
    select
        x.subscription_id,
        x.valid_from_on,
        x.valid_to_on,
        p.product_offering_id,
        d.rate_ratio,
        row_number() over (
            partition by x.subscription_id, x.valid_from_on
            order by case when d.product_offering_id is null then 1 else 0 end, d.discount_id
        ) as discount_rank
    from pieces as x
    inner join plans as p
        on
            x.subscription_id = p.subscription_id
            and x.valid_from_on >= p.valid_from_on
            and x.valid_from_on < p.valid_to_on
    left join discounts as d
        on
            x.subscription_id = d.subscription_id
            and x.valid_from_on >= d.valid_from_on
            and x.valid_from_on < d.valid_to_on
            and coalesce(d.product_offering_id, p.product_offering_id) = p.product_offering_id
    where x.valid_to_on is not null
),

offerings as (
    select distinct
        product_offering_id,
        offering_no
    from {{ ref('int_catalogue__usage_terms') }}
),

periods as (
    select
        subscription_id,
        valid_from_on,
        valid_to_on,
        product_offering_id,
        cast(round((1 - rate_ratio) * 1000000, 0) as bigint) as kept_millionths,
        false as is_prepaid
    from ranked
    where discount_rank = 1
    union all
    select
        subscription_id,
        cast('0001-01-01' as date) as valid_from_on,
        cast('9999-12-31' as date) as valid_to_on,
        cast(null as string) as product_offering_id,
        cast(null as bigint) as kept_millionths,
        true as is_prepaid
    from {{ ref('int_customers__prepaid_subscriptions') }}
),

final as (
    select
        p.subscription_id,
        dense_rank() over (order by p.subscription_id) as subscription_no,
        p.valid_from_on,
        p.valid_to_on,
        p.product_offering_id,
        o.offering_no,
        p.kept_millionths,
        p.is_prepaid
    from periods as p
    left join offerings as o on p.product_offering_id = o.product_offering_id
)

select * from final
