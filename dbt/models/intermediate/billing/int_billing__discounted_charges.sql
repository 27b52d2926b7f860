-- recurring charges less every discount that is of a charge. A fixed amount of an account is of none: it stands apart
with

discounts as (
    select
        charge_set, charge_month, subscription_id, product_offering_id, charge_code,
        sum(discount_micros) as discount_micros
    from {{ ref('int_billing__recurring_discounts') }}
    where not is_of_account
    group by charge_set, charge_month, subscription_id, product_offering_id, charge_code
),

final as (
    select
        c.charge_set,
        c.charge_month,
        c.account_id,
        c.subscription_id,
        c.service_id,
        c.product_offering_id,
        c.charge_code,
        c.currency_code,
        c.price_rule_id,
        c.price_micros,
        c.day_count,
        c.month_day_count,
        c.gross_micros,
        cast(coalesce(d.discount_micros, 0) as bigint) as discount_micros,
        cast(c.gross_micros - coalesce(d.discount_micros, 0) as bigint) as net_micros
    from {{ ref('int_billing__recurring_charges') }} as c
    left join discounts as d
        on
            c.charge_set = d.charge_set
            and c.charge_month = d.charge_month
            and c.subscription_id = d.subscription_id
            and c.product_offering_id = d.product_offering_id
            and c.charge_code = d.charge_code
)

select * from final
