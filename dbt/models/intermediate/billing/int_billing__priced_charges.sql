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
        concat(
            r.account_id, '|', cast(r.charge_month as string), '|recurring|', r.subscription_id, '|',
            r.product_offering_id, '|', r.charge_code
        ) as charge_key,
        r.charge_month as billing_month, r.account_id, 'recurring' as line_type, r.subscription_id, r.service_id,
        r.product_offering_id, r.charge_code, coalesce(o.offering_name, r.product_offering_id) as description,
        cast(null as string) as service_code, cast(null as string) as zone_code, r.price_rule_id, r.tax_group_code,
        cast(case when r.gross_micros = r.price_micros then 1 end as decimal(18, 3)) as quantity,
        case when r.gross_micros = r.price_micros then 'month' end as unit_code,
        cast(0 as bigint) as chargeable_milli, r.gross_micros as exact_micros, r.discount_micros, r.discount_id,
        r.valid_from_on as service_start_on, r.valid_to_on as service_end_on, cast(0 as bigint) as event_count,
        concat(
            {{ amount_text('r.price_micros') }}, ' a month, ', cast(r.day_count as string), ' of ',
            cast(r.month_day_count as string), ' days = ', {{ amount_text('r.gross_micros') }}
        ) as arithmetic
    from {{ ref('int_billing__recurring_charges') }} as r
    left join offerings as o on r.product_offering_id = o.product_offering_id
    where r.charge_set = 'entitled'
),

usage_charges as (
    select
        charge_key, billing_month, account_id, line_type, subscription_id, service_id,
        cast(null as string) as product_offering_id, charge_code, charge_code as description,
        service_code, zone_code, price_rule_id, tax_group_code, quantity,
        case service_code when 'voice' then 'second' when 'data' then 'byte' else 'event' end as unit_code,
        {{ to_milli('chargeable_quantity') }} as chargeable_milli, charge_micros as exact_micros, cast(0 as bigint) as discount_micros, cast(null as string) as discount_id,
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
