-- what the chargeable periods cost at the approved prices, net of percentage discounts, month by month
with

items as (
    select
        *,
        case piece_type when 'credit' then -1 else 1 end
        * {{ days_between('valid_from_on', 'valid_to_on') }} as day_count
    from {{ ref('int_billing__recurring_items') }}
    where {{ in_window('charge_month') }}
),

final as (
    select
        charge_set,
        charge_month,
        account_id,
        subscription_id,
        service_id,
        product_offering_id,
        charge_code,
        tax_group_code,
        currency_code,
        max(price_rule_id) as price_rule_id,
        max(price_micros) as price_micros,
        max(proration_type) as proration_type,
        max(discount_id) as discount_id,
        cast(sum(day_count) as bigint) as day_count,
        max({{ days_between('full_start_on', 'full_end_on') }}) as month_day_count,
        min(valid_from_on) as valid_from_on,
        max(valid_to_on) as valid_to_on,
        sum(case when piece_type = 'charge' then 1 else 0 end) as piece_count,
        cast(sum(gross_micros) as bigint) as gross_micros,
        cast(sum(discount_micros) as bigint) as discount_micros,
        cast(sum(gross_micros - discount_micros) as bigint) as net_micros
    from items
    group by
        charge_set, charge_month, account_id, subscription_id, service_id, product_offering_id,
        charge_code, tax_group_code, currency_code
)

select * from final
