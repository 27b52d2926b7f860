-- all that falls due on a bill before discounts and tax, booked to the minor unit, one row per charge
with

accounts as (
    select
        *,
        {{ minor_step('currency_code') }} as minor_step_micros
    from {{ ref('stg_crm__accounts') }}
    where account_type not in ({{ not_charged_accounts() }})
),

price_terms as (
    select
        price_rule_id,
        max(product_offering_id) as product_offering_id,
        max(currency_code) as price_currency_code,
        max(is_tax_inclusive) as is_tax_inclusive,
        max(rounding_point) as rounding_point,
        max(gl_account_id) as gl_account_id
    from {{ ref('int_catalogue__prices') }}
    group by price_rule_id
),

offerings as (
    select
        product_offering_id,
        max(offering_name) as offering_name
    from {{ ref('stg_crm__product_offerings') }}
    group by product_offering_id
),

recurring as (
    select
        r.charge_key, r.billing_month, r.account_id, r.line_type, r.subscription_id, r.service_id,
        r.product_offering_id, r.charge_code,
        coalesce(o.offering_name, r.product_offering_id, r.charge_code) as description,
        cast(null as string) as service_code, cast(null as string) as zone_code, r.price_rule_id, r.tax_group_code,
        r.quantity, r.unit_code, cast(0 as bigint) as chargeable_milli, r.gross_micros as exact_micros,
        r.discount_micros, r.discount_id, r.service_start_on, r.service_end_on, cast(0 as bigint) as event_count,
        r.arithmetic
    from {{ ref('int_billing__period_charges') }} as r
    left join offerings as o on r.product_offering_id = o.product_offering_id
),

usage_charges as (
    select
        charge_key, billing_month, account_id, line_type, subscription_id, service_id,
        cast(null as string) as product_offering_id, charge_code, charge_code as description,
        service_code, zone_code, price_rule_id, tax_group_code, quantity,
        case service_code when 'voice' then 'second' when 'data' then 'byte' else 'event' end as unit_code,
        {{ to_milli('chargeable_quantity') }} as chargeable_milli,
        charge_micros as exact_micros,
        cast(0 as bigint) as discount_micros,
        cast(null as string) as discount_id,
        billing_month as service_start_on, {{ add_months_to('billing_month', 1) }} as service_end_on, event_count,
        case when line_type = 'minimum' then 'besides the events of the month' else concat(
            cast(event_count as string), ' events, ', cast(chargeable_quantity as string), ' charged = ',
            {{ amount_text('charge_micros') }}
        ) end as arithmetic
    from {{ ref('int_billing__usage_charges') }}
),

united as (
    select * from recurring
    union all
    select * from usage_charges
),

final as (
    select
        u.charge_key,
        u.billing_month,
        u.billing_month as origin_month,
        u.account_id,
        u.line_type,
        u.subscription_id,
        u.service_id,
        coalesce(u.product_offering_id, t.product_offering_id) as product_offering_id,
        u.charge_code,
        u.description,
        u.service_code,
        u.zone_code,
        u.price_rule_id,
        u.tax_group_code,
        coalesce(t.is_tax_inclusive, false) as is_tax_inclusive,
        coalesce(t.rounding_point, 'tax_group') as rounding_point,
        t.gl_account_id,
        u.quantity,
        u.unit_code,
        u.chargeable_milli,
        a.minor_step_micros,
        u.exact_micros,
        {{ round_to_step('u.exact_micros', 'a.minor_step_micros') }} as gross_micros,
        u.discount_micros,
        u.discount_id,
        u.service_start_on,
        u.service_end_on,
        u.event_count,
        u.arithmetic,
        t.price_currency_code,
        a.currency_code
    from united as u
    inner join accounts as a on u.account_id = a.account_id
    left join price_terms as t on u.price_rule_id = t.price_rule_id
)

select * from final
