-- the expected bills: sums of their lines and taxes, what is paid of them before, and what is left to pay
with

line_totals as (
    select
        billing_month,
        account_id,
        currency_code,
        count(*) as line_count,
        min(service_start_on) as period_start_on,
        max(service_end_on) as period_end_on,
        sum(case when line_type <> 'discount' then line_amount else 0 end) as gross_amount,
        sum(case when line_type = 'discount' then -line_amount else 0 end) as discount_amount,
        sum(line_amount) as net_amount
    from {{ ref('fct_expected_invoice_lines') }}
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

entities as (
    select
        *,
        count(*) over () as entity_count
    from {{ ref('stg_billing__legal_entities') }}
),

totals as (
    select
        n.*,
        coalesce(e.legal_entity_code, a.legal_entity_code) as legal_entity_code,
        a.bill_cycle_code,
        coalesce(t.tax_amount, 0) as tax_amount,
        {{ to_micros('(n.net_amount + coalesce(t.tax_amount, 0))') }} as exact_micros,
        {{ to_micros('e.cash_rounding_amount') }} as cash_step_micros
    from line_totals as n
    inner join {{ ref('stg_crm__accounts') }} as a on n.account_id = a.account_id
    left join entities as e
        on a.legal_entity_code = e.legal_entity_code or (a.legal_entity_code is null and e.entity_count = 1)
    left join tax_totals as t
        on n.billing_month = t.billing_month and n.account_id = t.account_id and n.currency_code = t.currency_code
),

rounded as (
    select
        *,
        case
            when cash_step_micros > 0 then {{ round_to_step('exact_micros', 'cash_step_micros') }}
            else exact_micros
        end as total_micros
    from totals
),

-- credit is used up by the bill of the last month: credit notes first, then money paid before
paid as (
    select
        r.*,
        {{ from_micros('r.total_micros') }} as total_amount,
        case
            when {{ add_months_to('r.billing_month', 1) }} <> {{ window_to() }} then 0
            else greatest(least(coalesce(c.credit_note_amount, 0), {{ from_micros('r.total_micros') }}), 0)
        end as credit_note_amount,
        case
            when {{ add_months_to('r.billing_month', 1) }} = {{ window_to() }} then coalesce(c.prepaid_amount, 0) else 0
        end
            as credit_amount
    from rounded as r
    left join {{ ref('int_billing__account_credits') }} as c
        on r.account_id = c.account_id and r.currency_code = c.currency_code
),

final as (
    select
        billing_month,
        account_id,
        legal_entity_code,
        bill_cycle_code,
        period_start_on,
        period_end_on,
        cast(line_count as bigint) as line_count,
        {{ amount('gross_amount') }} as gross_amount,
        {{ amount('discount_amount') }} as discount_amount,
        {{ amount('net_amount') }} as net_amount,
        {{ amount('tax_amount') }} as tax_amount,
        {{ from_micros('(total_micros - exact_micros)') }} as rounding_amount,
        total_amount,
        {{ amount('credit_note_amount') }} as credit_note_amount,
        {{ amount('greatest(least(credit_amount, total_amount - credit_note_amount), 0)') }} as prepaid_amount,
        {{ amount(
            'total_amount - credit_note_amount - greatest(least(credit_amount, total_amount - credit_note_amount), 0)'
        ) }} as due_amount,
        currency_code
    from paid
)

select * from final
