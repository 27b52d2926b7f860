-- the lines of each expected bill: every charge, and every discount as a line of its own below zero
with

lines as (
    select * from {{ ref('int_billing__net_lines') }}
),

categories as (
    select
        tax_class_key,
        case
            when max(case when is_exempt then 1 else 0 end) = 1 then 'E'
            when max(tax_rate_id) is null then 'O'
            else max(tax_category_code)
        end as tax_category_code,
        cast(case
            when max(case when is_exempt then 1 else 0 end) = 1 then 0
            else coalesce(sum(rate_ratio), 0)
        end as decimal(9, 6)) as tax_ratio
    from {{ ref('int_billing__tax_classes') }}
    group by tax_class_key
),

prices as (
    select
        price_rule_id,
        max(case when charge_model = 'per_unit' and charge_type = 'usage' then price_micros end) as price_micros,
        max(unit_milli) as unit_milli
    from {{ ref('int_catalogue__prices') }}
    group by price_rule_id
),

final as (
    select
        l.line_key as expected_line_key,
        l.billing_month,
        l.account_id,
        cast(row_number() over (
            partition by l.billing_month, l.account_id
            order by coalesce(l.subscription_id, '~'), coalesce(l.charge_key, l.line_key), l.kind_no, l.line_key
        ) as integer) as line_no,
        l.line_type,
        l.subscription_id,
        l.service_id,
        l.product_offering_id,
        l.charge_code,
        l.description,
        l.service_code,
        l.zone_code,
        l.discount_id,
        l.quantity,
        l.unit_code,
        case
            when l.quantity = 1 then {{ from_micros('l.net_micros') }}
            when
                {{ wide_integer(to_milli('l.quantity')) }} * p.price_micros
                = {{ wide_integer('l.net_micros') }} * p.unit_milli
                and p.unit_milli = 1000
                then {{ from_micros('p.price_micros') }}
        end as unit_price_amount,
        {{ from_micros('l.net_micros') }} as line_amount,
        l.tax_group_code,
        c.tax_category_code,
        c.tax_ratio,
        l.service_start_on,
        l.service_end_on,
        l.origin_month,
        l.event_count,
        l.price_rule_id,
        l.gl_account_id,
        l.arithmetic,
        l.currency_code
    from lines as l
    left join categories as c on l.tax_class_key = c.tax_class_key
    left join prices as p on l.price_rule_id = p.price_rule_id and l.line_type = 'usage'
)

select * from final
