-- which discounts hold on which charges of a bill, and in which order they are taken
with

charges as (
    select
        *,
        concat(account_id, '|', cast(billing_month as string)) as bill_key
    from {{ ref('int_billing__charges') }}
),

{{ discount_order('charges', ref('int_billing__discount_grants')) }}

final as (
    select
        charge_key,
        discount_id,
        billing_month,
        account_id,
        scope_type,
        discount_type,
        group_key,
        step_no,
        discount_micros,
        rate_millionths,
        free_milli,
        ceiling_millionths,
        is_exclusive,
        is_additive,
        is_exact
    from ordered_discounts
)

select * from final
