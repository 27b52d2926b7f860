-- the tax table of each expected bill: every line is in it, also where no tax is due
with

taxed_lines as (
    select
        l.billing_month, l.account_id, l.currency_code, l.tax_class_key, t.tax_rate_id, t.is_exempt,
        sum(l.net_micros) as net_micros,
        sum(case when l.line_type = 'discount' then 0 else l.net_micros end) as gross_micros,
        max(t.tax_name) as tax_name,
        max(t.rate_group_code) as rate_group_code,
        max(t.tax_category_code) as tax_category_code,
        max(t.jurisdiction_code) as jurisdiction_code,
        max(t.rate_ratio) as rate_ratio,
        max(t.exemption_reason) as exemption_reason,
        max(t.tax_exemption_reason) as tax_exemption_reason,
        max(case when t.is_before_discount then 1 else 0 end) as is_before_discount
    from {{ ref('int_billing__net_lines') }} as l
    inner join {{ ref('int_billing__tax_classes') }} as t on l.tax_class_key = t.tax_class_key
    group by l.billing_month, l.account_id, l.currency_code, l.tax_class_key, t.tax_rate_id, t.is_exempt
),

-- of an exempt account one row is enough, whatever taxes it is exempt from
named as (
    select distinct
        billing_month, account_id, currency_code, tax_class_key,
        case
            when is_exempt then 'EXEMPT'
            else coalesce(tax_rate_id, 'NONE')
        end as tax_rate_id,
        case when is_before_discount = 1 and not is_exempt then gross_micros else net_micros end as taxable_micros,
        case when not is_exempt then tax_name end as tax_name,
        case when not is_exempt then rate_group_code end as tax_group_code,
        case
            when is_exempt then 'E'
            when tax_rate_id is null then 'O'
            else tax_category_code
        end as tax_category_code,
        case when not is_exempt then jurisdiction_code end as jurisdiction_code,
        case when is_exempt then 0 else coalesce(rate_ratio, 0) end as rate_ratio,
        case
            when is_exempt then coalesce(tax_exemption_reason, 'Account is exempt from tax')
            when tax_rate_id is null then 'Not subject to tax'
            else exemption_reason
        end as exemption_reason
    from taxed_lines
),

bases as (
    select
        billing_month, account_id, currency_code, tax_rate_id,
        max(tax_name) as tax_name,
        max(tax_group_code) as tax_group_code,
        max(tax_category_code) as tax_category_code,
        max(jurisdiction_code) as jurisdiction_code,
        max(rate_ratio) as rate_ratio,
        max(exemption_reason) as exemption_reason,
        cast(sum(taxable_micros) as bigint) as taxable_micros
    from named
    group by billing_month, account_id, currency_code, tax_rate_id
),

final as (
    select
        b.billing_month,
        b.account_id,
        b.tax_rate_id,
        coalesce(b.tax_name, '') as tax_name,
        b.tax_group_code,
        b.tax_category_code,
        b.jurisdiction_code,
        cast(b.rate_ratio as decimal(9, 6)) as rate_ratio,
        {{ from_micros('b.taxable_micros') }} as taxable_amount,
        {{ from_micros('coalesce(t.tax_micros, 0)') }} as tax_amount,
        b.exemption_reason,
        b.currency_code
    from bases as b
    left join {{ ref('int_billing__tax_amounts') }} as t
        on
            b.billing_month = t.billing_month
            and b.account_id = t.account_id
            and b.currency_code = t.currency_code
            and b.tax_rate_id = t.tax_rate_id
)

select * from final
