-- the expected bills: sums of their lines and taxes
with

lines as (
    select * from {{ ref('fct_expected_invoice_lines') }}
),

line_totals as (
    select
        billing_month,
        account_id,
        currency_code,
        count(*) as line_count,
        min(service_start_on) as period_start_on,
        max(service_end_on) as period_end_on,
        sum(case when line_type not in ('discount', 'rounding') then line_amount else 0 end) as gross_amount,
        sum(case when line_type = 'discount' then -line_amount else 0 end) as discount_amount,
        sum(line_amount) as net_amount
    from lines
    group by billing_month, account_id, currency_code
),

tax_totals as (
    select
        billing_month,
        account_id,
        currency_code,
        sum(tax_amount) as tax_amount
    from {{ ref('fct_expected_taxes') }}
    group by billing_month, account_id, currency_code
),

final as (
    select
        n.billing_month,
        n.account_id,
        a.legal_entity_code,
        a.bill_cycle_code,
        n.period_start_on,
        n.period_end_on,
        cast(n.line_count as bigint) as line_count,
        {{ amount('n.gross_amount') }} as gross_amount,
        {{ amount('n.discount_amount') }} as discount_amount,
        {{ amount('n.net_amount') }} as net_amount,
        {{ amount('coalesce(t.tax_amount, 0)') }} as tax_amount,
        {{ amount('0') }} as rounding_amount,
        {{ amount('n.net_amount + coalesce(t.tax_amount, 0)') }} as total_amount,
        n.currency_code
    from line_totals as n
    inner join {{ ref('stg_crm__accounts') }} as a on n.account_id = a.account_id
    left join tax_totals as t
        on n.billing_month = t.billing_month and n.account_id = t.account_id and n.currency_code = t.currency_code
)

select * from final
