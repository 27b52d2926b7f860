-- the lines of each expected bill: every charge, and every discount as a line of its own below zero
with

charges as (
    select * from {{ ref('int_billing__charges') }}
),

charge_lines as (
    select
        charge_key as expected_line_key, billing_month, account_id, line_type, subscription_id, service_id,
        product_offering_id, charge_code, description, service_code, zone_code, cast(null as string) as discount_id,
        quantity, unit_code, gross_micros as line_micros, tax_group_code, service_start_on, service_end_on,
        origin_month, event_count, price_rule_id, arithmetic, currency_code, 1 as kind_no
    from charges
),

charge_discounts as (
    select
        concat(charge_key, '|', discount_id) as expected_line_key, billing_month, account_id, 'discount' as line_type,
        subscription_id, service_id, product_offering_id, charge_code,
        discount_id as description, service_code, zone_code, discount_id,
        cast(null as decimal(18, 3)) as quantity, cast(null as string) as unit_code, -discount_micros as line_micros,
        tax_group_code, service_start_on, service_end_on, origin_month, cast(0 as bigint) as event_count,
        price_rule_id, concat('discount ', discount_id) as arithmetic, currency_code, 2 as kind_no
    from charges
    where discount_micros <> 0
),

account_discounts as (
    select
        concat(d.account_id, '|', cast(d.charge_month as string), '|discount|', d.discount_id) as expected_line_key,
        d.charge_month as billing_month, d.account_id, 'discount' as line_type, cast(null as string) as subscription_id,
        cast(null as string) as service_id, cast(null as string) as product_offering_id,
        d.discount_id as charge_code, d.discount_id as description, cast(null as string) as service_code,
        cast(null as string) as zone_code, d.discount_id, cast(null as decimal(18, 3)) as quantity,
        cast(null as string) as unit_code, -d.discount_micros as line_micros, cast(null as string) as tax_group_code,
        d.charge_month as service_start_on, {{ add_months_to('d.charge_month', 1) }} as service_end_on,
        d.charge_month as origin_month, cast(0 as bigint) as event_count, cast(null as string) as price_rule_id,
        concat('discount ', d.discount_id) as arithmetic, d.currency_code, 2 as kind_no
    from {{ ref('int_billing__account_discounts') }} as d
    inner join (select distinct billing_month, account_id from charges) as c
        on d.charge_month = c.billing_month and d.account_id = c.account_id
),

lines as (
    select * from charge_lines
    union all
    select * from charge_discounts
    union all
    select * from account_discounts
),

final as (
    select
        expected_line_key,
        billing_month,
        account_id,
        cast(row_number() over (
            partition by billing_month, account_id
            order by coalesce(subscription_id, '~'), kind_no, line_type, expected_line_key
        ) as integer) as line_no,
        line_type,
        subscription_id,
        service_id,
        product_offering_id,
        charge_code,
        description,
        service_code,
        zone_code,
        discount_id,
        quantity,
        unit_code,
        case
            when quantity = 1 then {{ from_micros('line_micros') }}
        end as unit_price_amount,
        {{ from_micros('line_micros') }} as line_amount,
        tax_group_code,
        service_start_on,
        service_end_on,
        origin_month,
        event_count,
        price_rule_id,
        arithmetic,
        currency_code
    from lines
)

select * from final
