-- what is owed for a month and not for an event: fixed amounts without usage, rounding, least and greatest charge
-- the charge and what discounts took off it are rounded each, so that a bill which shows both adds up
with

totals as (
    select * from {{ ref('int_usage__period_totals') }}
),

added as (
    select
        *,
        usage_micros + unused_micros as exact_micros,
        usage_micros + unused_micros + discount_micros as undiscounted_micros,
        coalesce(period_step_micros, 1) as step_micros,
        abs({{ wide_integer('chargeable_milli') }}) * 1000000 as unit_numerator,
        abs({{ wide_integer('usage_micros + unused_micros') }})
        * case when is_of_amount then 1000000000000 else 1000000000 end
            as effective_numerator,
        greatest(case when is_level then closing else measured end, 0) as paid
    from totals
),

rounded as (
    select
        *,
        cast({{ divide_rounded('undiscounted_micros', 'step_micros', 'rounding_mode') }} * step_micros as bigint)
            as full_micros,
        cast({{ divide_rounded('discount_micros', 'step_micros', 'rounding_mode') }} * step_micros as bigint)
            as taken_micros,
        cast({{ divide_rounded('unit_numerator', 'greatest(unit_milli, 1)', "'half_up'") }} as bigint) as billed_units,
        case
            when paid > 0 then {{ divide_rounded('effective_numerator', 'greatest(paid, 1)', "'half_up'") }}
            else 0
        end as effective_picos
    from added
),

charged as (
    select
        *,
        full_micros - taken_micros as charge_micros
    from rounded
),

capped as (
    select
        *,
        case
            when maximum_period_micros is null then 0
            else least(greatest(charge_micros, 0), greatest(0, before_micros + charge_micros - maximum_period_micros))
        end as maximum_micros
    from charged
),

lifted as (
    select
        *,
        case
            when minimum_period_micros is null or not is_last then 0
            else greatest(0, minimum_period_micros - before_micros - (charge_micros - maximum_micros))
        end as minimum_micros
    from capped
),

final as (
    select
        event_month,
        subscription_id,
        price_rule_id,
        product_offering_id,
        charge_code,
        service_code,
        tax_group_code,
        currency_code,
        event_count,
        chargeable_milli,
        measured,
        weighted,
        closing,
        billed_units,
        unit_count,
        share_micros,
        fixed_micros,
        taken_micros as discount_micros,
        usage_micros,
        unused_micros,
        charge_micros - exact_micros as rounding_micros,
        charge_micros,
        before_micros,
        maximum_micros,
        minimum_micros,
        charge_micros - maximum_micros + minimum_micros as total_micros,
        charge_micros - maximum_micros + minimum_micros - usage_micros as period_micros,
        effective_picos
    from lifted
)

select * from final
