-- tax that is added to each charge less its discounts, not rounded yet, and as a line of its own would round it
with

charges as (
    select
        c.charge_key, c.billing_month, c.account_id, c.currency_code, c.minor_step_micros, c.gross_micros,
        {{ tax_class_key('c') }} as tax_class_key
    from {{ ref('int_billing__charges') }} as c
),

discounts as (
    select
        charge_key,
        cast(sum(discount_micros) as bigint) as discount_micros
    from {{ ref('int_billing__discount_shares') }}
    group by charge_key
),

-- a tax on top of one that the price contains is taken of what is left without that one
contained as (
    select
        tax_class_key,
        cast(sum(case when is_included then rate_millionths else 0 end) as bigint) as included_millionths
    from {{ ref('int_billing__tax_classes') }}
    group by tax_class_key
),

based as (
    select
        c.*,
        t.tax_rate_id,
        t.rounding_point,
        t.rate_millionths,
        case
            when i.included_millionths > 0 then cast({{ integer_divide(
                wide_integer('abs(c.gross_micros - coalesce(d.discount_micros, 0))') ~ ' * 1000000',
                '1000000 + i.included_millionths'
            ) }} as bigint) * case when c.gross_micros < 0 then -1 else 1 end
            when t.is_before_discount then c.gross_micros
            else c.gross_micros - coalesce(d.discount_micros, 0)
        end as base_micros
    from charges as c
    inner join {{ ref('int_billing__tax_classes') }} as t on c.tax_class_key = t.tax_class_key
    inner join contained as i on c.tax_class_key = i.tax_class_key
    left join discounts as d on c.charge_key = d.charge_key
    where t.tax_rate_id is not null and not t.is_included and not t.is_exempt
),

final as (
    select
        charge_key,
        tax_rate_id,
        billing_month,
        account_id,
        currency_code,
        minor_step_micros,
        rounding_point,
        base_micros,
        cast({{ wide_integer('base_micros') }} * rate_millionths as decimal(38, 0)) as tax_picos,
        cast(
            case when base_micros < 0 then -1 else 1 end
            * {{ ratio_micros('abs(base_micros)', 'rate_millionths', '1000000', 'minor_step_micros') }} as bigint
        ) as tax_micros
    from based
)

select * from final
