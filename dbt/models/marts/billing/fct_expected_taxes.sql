-- tax is taken from the booked lines of a tax group, before or after discounts as the tax says, and rounded once
with

lines as (
    select * from {{ ref('fct_expected_invoice_lines') }}
),

accounts as (
    select * from {{ ref('stg_crm__accounts') }}
),

-- a charge is taxed at the rate of the last day of its service
points as (
    select
        l.*,
        a.tax_jurisdiction_code,
        {{ is_exempt_on(add_days('l.service_end_on', -1)) }} as is_exempt,
        a.tax_exemption_reason
    from lines as l
    inner join accounts as a on l.account_id = a.account_id
),

matched as (
    select
        p.billing_month, p.account_id, p.currency_code, p.line_type, p.line_amount, p.is_exempt,
        t.tax_rate_id, t.tax_name, t.tax_group_code, t.jurisdiction_code, t.rate_ratio, t.tax_basis,
        t.tax_category_code, t.exemption_reason, p.tax_exemption_reason
    from points as p
    left join {{ ref('stg_billing__tax_rates') }} as t
        on
            (t.tax_group_code = '*' or p.tax_group_code = t.tax_group_code)
            and p.service_end_on > coalesce(t.valid_from_on, cast('0001-01-01' as date))
            and p.service_end_on <= {{ open_end('t.valid_to_on') }}
            and coalesce(t.jurisdiction_code, p.tax_jurisdiction_code, '') = coalesce(p.tax_jurisdiction_code, '')
            and p.tax_group_code is not null
            and not p.is_exempt
            and not coalesce(t.is_inclusive, false)
),

final as (
    select
        billing_month,
        account_id,
        coalesce(tax_rate_id, case when is_exempt then 'EXEMPT' else 'NONE' end) as tax_rate_id,
        coalesce(max(tax_name), '') as tax_name,
        max(tax_group_code) as tax_group_code,
        coalesce(
            max(tax_category_code),
            case
                when tax_rate_id is null then case when is_exempt then 'E' else 'O' end
                when max(rate_ratio) = 0 then 'Z'
                else 'S'
            end
        ) as tax_category_code,
        max(jurisdiction_code) as jurisdiction_code,
        cast(coalesce(max(rate_ratio), 0) as decimal(9, 6)) as rate_ratio,
        {{ amount(
            "sum(case when coalesce(tax_basis, '') = 'before_discount' and line_type = 'discount' then 0 else line_amount end)"
        ) }} as taxable_amount,
        {{ share_of(
            "sum(case when coalesce(tax_basis, '') = 'before_discount' and line_type = 'discount' then 0 else line_amount end)",
            'coalesce(max(rate_ratio), 0)', 2
        ) }} as tax_amount,
        case
            when tax_rate_id is not null then max(exemption_reason)
            when is_exempt then coalesce(max(tax_exemption_reason), 'Account is exempt from tax')
            else 'Not subject to tax'
        end as exemption_reason,
        currency_code
    from matched
    group by billing_month, account_id, tax_rate_id, is_exempt, currency_code
)

select * from final
