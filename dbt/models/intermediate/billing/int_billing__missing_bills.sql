-- charges of accounts that a run should have billed and that got no invoice from it, and what became of the invoice
with

timings as (
    select
        price_rule_id,
        max(charge_timing) as charge_timing
    from {{ ref('int_catalogue__prices') }}
    group by price_rule_id
),

charges as (
    select
        c.charge_month, c.account_id, c.subscription_id, c.charge_code, c.currency_code,
        -- what is charged in advance stands on the bill before
        max(
            case when t.charge_timing = 'advance' then {{ add_months_to('c.charge_month', -1) }} else c.charge_month end
        )
            as run_month,
        sum(c.net_micros) as due_micros
    from {{ ref('int_billing__recurring_dues') }} as c
    left join timings as t on c.price_rule_id = t.price_rule_id
    group by c.charge_month, c.account_id, c.subscription_id, c.charge_code, c.currency_code
),

runs as (
    select
        bill_cycle_code,
        {{ month_of('period_start_on') }} as run_month,
        max(issued_on) as issued_on
    from {{ ref('stg_billing__bill_runs') }}
    where status = 'issued'
    group by bill_cycle_code, {{ month_of('period_start_on') }}
),

-- the account's own runs: the one due, and how many have gone by since
due_runs as (
    select
        a.account_id,
        r.run_month,
        min(r.issued_on) as issued_on,
        count(distinct later.run_month) as later_count
    from {{ ref('stg_crm__accounts') }} as a
    inner join runs as r
        on coalesce(r.bill_cycle_code, a.bill_cycle_code, '') = coalesce(a.bill_cycle_code, r.bill_cycle_code, '')
    left join runs as later
        on
            coalesce(later.bill_cycle_code, a.bill_cycle_code, '')
            = coalesce(a.bill_cycle_code, later.bill_cycle_code, '')
            and r.run_month < later.run_month
    where coalesce(a.account_type, '') not in ({{ not_charged_accounts() }})
    group by a.account_id, r.run_month
),

invoices as (
    select
        account_id,
        billing_month,
        bool_or(is_issued) as is_issued,
        max(case when not is_issued then status end) as status,
        max(case when not is_issued then invoice_id end) as invoice_id
    from {{ ref('int_billing__billed_invoices') }}
    group by account_id, billing_month
),

last_days as (
    select max(invoiced_on) as as_of_on from {{ ref('int_billing__billed_invoices') }}
),

billed as (
    select distinct charge_month, account_id, subscription_id, charge_code
    from {{ ref('int_billing__recurring_lines') }}
),

missing as (
    select
        c.*,
        coalesce(i.status, 'none') as status,
        i.invoice_id,
        r.issued_on,
        r.later_count,
        {{ days_between('r.issued_on', 'd.as_of_on') }} as held_days,
        sum(c.due_micros) over (partition by c.run_month, c.account_id, c.currency_code) as content_micros
    from charges as c
    inner join due_runs as r on c.account_id = r.account_id and c.run_month = r.run_month
    cross join last_days as d
    left join invoices as i on c.account_id = i.account_id and c.run_month = i.billing_month
    left join billed as b
        on
            c.charge_month = b.charge_month
            and c.account_id = b.account_id
            and c.subscription_id = b.subscription_id
            and c.charge_code = b.charge_code
    where not coalesce(i.is_issued, false) and b.account_id is null and c.due_micros <> 0
),

final as (
    select
        charge_month, run_month, account_id, subscription_id, charge_code, currency_code,
        status, invoice_id, issued_on, held_days, later_count,
        case
            when status = 'held' and held_days <= {{ var('hold_grace_days') }} then null
            when status = 'held' then 'HELD_AGED'
            when status = 'suppressed' and content_micros < {{ var('minimum_bill_cents') }} * 10000 then null
            when status = 'suppressed' then 'SUPPRESSED_WITH_CHARGE'
            else 'NOT_INVOICED'
        end as category,
        -- it may still be billed until two cycles have gone by
        later_count < {{ var('unbilled_cycle_count') }} as is_timing,
        cast(due_micros as bigint) as due_micros
    from missing
)

select * from final
