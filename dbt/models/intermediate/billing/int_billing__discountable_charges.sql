-- a bill here has the charges of a month, whenever they are billed
-- a table of its own: inside the statement that discounts them the engine takes them for a single row
with

items as (
    select
        *,
        {{ recurring_charge_key() }} as charge_key
    from {{ ref('int_billing__recurring_items') }}
    where {{ in_window('charge_month') }}
),

final as (
    select
        charge_key,
        charge_set,
        charge_month,
        billing_month,
        concat(charge_set, '|', coalesce(max(account_id), ''), '|', cast(charge_month as string)) as bill_key,
        max(account_id) as account_id,
        subscription_id,
        product_offering_id,
        charge_code,
        'recurring' as line_type,
        max(currency_code) as currency_code,
        max({{ minor_step('currency_code') }}) as minor_step_micros,
        min(valid_from_on) as service_start_on,
        cast(sum(gross_micros) as bigint) as gross_micros,
        cast(sum(discount_micros) as bigint) as taken_micros,
        cast(0 as bigint) as chargeable_milli
    from items
    group by charge_key, charge_set, charge_month, billing_month, subscription_id, product_offering_id, charge_code
)

select * from final
