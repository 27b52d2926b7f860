-- what each tax comes to on a bill, rounded by line, by tax or once for the bill, as the price rows of its charges say
with

charge_taxes as (
    select * from {{ ref('int_billing__charge_taxes') }}
),

by_tax as (
    select
        billing_month, account_id, currency_code, tax_rate_id, rounding_point,
        max(minor_step_micros) as step_micros,
        cast(sum(tax_micros) as bigint) as line_micros,
        {{ wide_integer('sum(tax_picos)') }} as tax_picos
    from charge_taxes
    group by billing_month, account_id, currency_code, tax_rate_id, rounding_point
),

-- once for the bill: the taxes share the rounded sum
summed as (
    select
        *,
        {{ wide_integer('abs(tax_picos)') }} as weight_micros,
        {{ wide_integer('sum(tax_picos) over (partition by billing_month, account_id, currency_code)') }} as bill_picos
    from by_tax
    where rounding_point = 'invoice'
),

totals as (
    select
        *,
        cast(abs({{ integer_divide(round_to_step('bill_picos', 'step_micros * 1000000'), '1000000') }}) as bigint)
            as total_micros
    from summed
),

once as (
    {{ spread('totals', 'billing_month, account_id, currency_code', 'tax_rate_id') }}
),

-- tax that prices contain, by class; where they contain several they share it by their rates
included as (
    select
        n.billing_month, n.account_id, n.currency_code, t.tax_rate_id, n.tax_class_key,
        t.rate_millionths as weight_micros, t.minor_step_micros as step_micros,
        case when n.tax_micros < 0 then -1 else 1 end as sign_no,
        abs(n.tax_micros) as total_micros
    from (
        select
            billing_month, account_id, currency_code, tax_class_key,
            cast(sum(full_micros - net_micros) as bigint) as tax_micros
        from {{ ref('int_billing__net_lines') }}
        group by billing_month, account_id, currency_code, tax_class_key
    ) as n
    inner join {{ ref('int_billing__tax_classes') }} as t on n.tax_class_key = t.tax_class_key
    where t.is_included and not t.is_exempt and t.tax_rate_id is not null
),

contained as (
    {{ spread('included', 'tax_class_key', 'tax_rate_id') }}
),

parts as (
    select
        billing_month, account_id, currency_code, tax_rate_id,
        case
            when rounding_point = 'line' then line_micros
            else {{ integer_divide(round_to_step('tax_picos', 'step_micros * 1000000'), '1000000') }}
        end as tax_micros
    from by_tax
    where rounding_point <> 'invoice'
    union all
    select
        billing_month, account_id, currency_code, tax_rate_id,
        case when bill_picos < 0 then -share_micros else share_micros end as tax_micros
    from once
    union all
    select billing_month, account_id, currency_code, tax_rate_id, sign_no * share_micros as tax_micros
    from contained
),

final as (
    select
        billing_month,
        account_id,
        currency_code,
        tax_rate_id,
        cast(sum(tax_micros) as bigint) as tax_micros
    from parts
    group by billing_month, account_id, currency_code, tax_rate_id
)

select * from final
