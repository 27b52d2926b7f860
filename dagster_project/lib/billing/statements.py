"""The statements that make a draft out of the models, in their order."""

from __future__ import annotations

_ACCOUNTS = """
    create temp table d_accounts as
    select account_id from in_buyers
    where ($cycle = '' or bill_cycle_code = $cycle) and ($account = '' or account_id = $account)
"""
# bills of the month that stand: issued, and not taken back whole by credit notes
_LIVE = """
    create temp table d_live as
    select account_id, currency_code
    from in_issued as i
    where document_type = 'invoice' and billing_month = $month and not exists (
        select 1 from in_issued as c where c.corrects_invoice_number = i.invoice_number
            and not coalesce(c.is_part, false))
"""
# what a later bill already holds as late usage of the month would be billed twice
_LATE = """
    create temp table d_late as
    select account_id, currency_code
    from in_issued_lines
    where origin_month = $month and billing_month > $month
    group by account_id, currency_code
    having sum(line_amount) <> 0
"""
_INVOICES = """
    create temp table d_invoices as
    select
        row_number() over (
            order by coalesce(legal_entity_code, ''), account_id, currency_code) as draft_no,
        * exclude (credit_note_amount) replace (
            coalesce(credit_note_amount, 0) + coalesce(prepaid_amount, 0) as prepaid_amount,
            coalesce(legal_entity_code, (select min(legal_entity_code) from in_sellers), '')
                as legal_entity_code,
            coalesce(bill_cycle_code, '') as bill_cycle_code,
            coalesce(period_start_on, billing_month) as period_start_on,
            coalesce(period_end_on, cast(billing_month + interval 1 month as date))
                as period_end_on,
            coalesce(gross_amount, net_amount) as gross_amount,
            coalesce(discount_amount, 0) as discount_amount,
            coalesce(tax_amount, 0) as tax_amount,
            coalesce(rounding_amount, 0) as rounding_amount
        ),
        (select count(*) from in_issued as c
            where c.account_id = i.account_id and c.currency_code = i.currency_code
            and c.billing_month = i.billing_month and c.document_type = 'credit_note'
            and not coalesce(c.is_part, false)) as correction_no,
        (select count(*) from in_issued as c where c.account_id = i.account_id) as document_count
    from in_invoices as i
    where account_id in (from d_accounts)
        and (account_id, currency_code) not in (from d_live)
        and (account_id, currency_code) not in (from d_late)
"""
_DETAILS = """
    create temp table d_lines as
    select d.draft_no, row_number() over (
            partition by d.draft_no order by l.line_no, l.expected_line_key) as line_no,
        l.* exclude (line_no, billing_month, account_id, currency_code), p.gl_account_id
    from in_lines as l
    join d_invoices as d using (account_id, currency_code)
    left join (
        select price_rule_id, min(gl_account_id) as gl_account_id from in_prices group by all
    ) as p using (price_rule_id);
    create temp table d_taxes as
    select d.draft_no,
        row_number() over (
            partition by d.draft_no
            order by t.tax_group_code, t.tax_rate_id, t.rate_ratio) as tax_no,
        t.* exclude (billing_month, account_id, currency_code)
    from in_taxes as t
    join d_invoices as d using (account_id, currency_code);
    create temp table d_events as
    select l.draft_no, e.* exclude (billing_month)
    from in_events as e
    join d_lines as l using (expected_line_key);
    create temp table d_parties as
    select d.draft_no, b.* exclude (account_id, bill_cycle_code),
        s.legal_name as seller_legal_name, s.street_address as seller_street_address,
        s.city_name as seller_city_name, s.postal_code as seller_postal_code,
        s.country_code as seller_country_code, s.tax_id as seller_tax_id,
        s.registration_id as seller_registration_id, s.iban as seller_iban, s.bic as seller_bic,
        s.payment_term_days as seller_payment_term_days,
        s.payment_terms as seller_payment_terms, s.creditor_id as seller_creditor_id,
        s.invoice_number_pattern as seller_invoice_number_pattern
    from d_invoices as d
    left join in_buyers as b using (account_id)
    left join in_sellers as s using (legal_entity_code)
"""
_HELD = """
    create temp table d_held as
    select * from in_held
    where coalesce(account_id, '') = '' and $cycle = '' and $account = ''
        or account_id in (from d_accounts)
"""
# active with something to bill, in scope, and without an invoice
_LEFT_OUT = """
    create temp table d_left_out as
    select s.account_id, s.currency_code, s.subscription_count,
        case when exists (select 1 from d_late as l where l.account_id = s.account_id)
                then 'BILLED_LATE'
            when h.account_id is not null then 'HELD' else 'NO_INVOICE' end as reason_code,
        coalesce(h.reason, '') as reason, coalesce(h.estimated_amount, 0) as estimated_amount
    from in_scope as s
    left join (
        select account_id, min(reason) as reason, sum(estimated_amount) as estimated_amount
        from d_held group by account_id) as h using (account_id)
    where account_id in (from d_accounts)
        and account_id not in (select account_id from d_invoices)
        and account_id not in (select account_id from d_live)
    union all
    select coalesce(account_id, ''), currency_code, 0, 'UNKNOWN_ACCOUNT',
        'no account of that name was delivered', total_amount
    from in_invoices
    where $cycle = '' and $account in ('', account_id)
        and coalesce(account_id, '') not in (select account_id from in_buyers)
"""
STATEMENTS = (_ACCOUNTS, _LIVE, _LATE, _INVOICES, _DETAILS, _HELD, _LEFT_OUT)
