-- tax is taken from the booked charges of a tax group, before or after discounts as the tax says, and rounded once
with

charges as (
    select * from {{ ref('fct_expected_charges') }}
),

accounts as (
    select * from {{ ref('stg_crm__accounts') }}
),

bases as (
    select
        billing_month,
        account_id,
        tax_group_code,
        sum({{ to_cents('gross_amount') }}) as gross_amount,
        sum(net_amount) as net_amount
    from charges
    where tax_group_code is not null
    group by billing_month, account_id, tax_group_code
),

taxed as (
    select
        b.billing_month,
        b.account_id,
        t.tax_rate_id,
        {{ share_of(
            "sum(case when t.tax_basis = 'before_discount' then b.gross_amount else b.net_amount end)",
            'max(t.rate_ratio)', 2
        ) }} as tax_amount
    from bases as b
    inner join {{ ref('stg_billing__tax_rates') }} as t
        on
            (t.tax_group_code = '*' or b.tax_group_code = t.tax_group_code)
            and b.billing_month >= coalesce(t.valid_from_on, cast('0001-01-01' as date))
            and b.billing_month < {{ open_end('t.valid_to_on') }}
            and not coalesce(t.is_inclusive, false)
    inner join accounts as a on b.account_id = a.account_id
    where
        not {{ is_exempt_on('b.billing_month') }}
        and coalesce(t.jurisdiction_code, a.tax_jurisdiction_code, '') = coalesce(a.tax_jurisdiction_code, '')
    group by b.billing_month, b.account_id, t.tax_rate_id
),

tax_totals as (
    select
        billing_month,
        account_id,
        sum(tax_amount) as tax_amount
    from taxed
    group by billing_month, account_id
),

net_totals as (
    select
        billing_month,
        account_id,
        currency_code,
        sum(net_amount) as net_amount
    from charges
    group by billing_month, account_id, currency_code
),

final as (
    select
        n.billing_month,
        n.account_id,
        {{ amount('n.net_amount') }} as net_amount,
        {{ amount('coalesce(t.tax_amount, 0)') }} as tax_amount,
        {{ amount('n.net_amount + coalesce(t.tax_amount, 0)') }} as total_amount,
        n.currency_code
    from net_totals as n
    left join tax_totals as t on n.billing_month = t.billing_month and n.account_id = t.account_id
)

select * from final
