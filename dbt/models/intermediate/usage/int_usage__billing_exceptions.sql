-- rated events that are not once on an invoice of their own account and month: unbilled, on two lines, elsewhere
with

lines as (
    select
        invoice_line_id,
        billed_month,
        account_id
    from {{ ref('int_usage__usage_lines') }}
),

-- and those of months outside that a line of the window bills
rated as (
    select * from {{ ref('stg_billing__rated_usage') }}
    where {{ in_window('event_on') }} or invoice_line_id in (select l.invoice_line_id from lines as l)
),

extra_links as (
    select
        event_on,
        _file_hash,
        _source_row
    from {{ ref('int_usage__untied_rated') }}
    where link_no > 1
),

runs as (
    select
        bill_cycle_code,
        period_start_on,
        cutoff_at
    from {{ ref('stg_billing__bill_runs') }}
    where status = 'issued'
),

linked as (
    select
        r.*,
        {{ month_of('r.event_on') }} as event_month,
        l.billed_month,
        coalesce(l.account_id, r.account_id) as invoiced_account_id,
        x._file_hash is not null as is_extra
    from rated as r
    left join lines as l on r.invoice_line_id = l.invoice_line_id
    left join extra_links as x
        on r.event_on = x.event_on and r._file_hash = x._file_hash and r._source_row = x._source_row
    left join {{ ref('int_customers__prepaid_subscriptions') }} as p on r.subscription_id = p.subscription_id
    where
        (
            l.billed_month is null
            or l.billed_month <> {{ month_of('r.event_on') }}
            or l.account_id <> r.account_id
            or x._file_hash is not null
        )
        and p.subscription_id is null
),

-- an unbilled event is due when a run of its own month or later has been issued whose cut-off came after it was rated
due as (
    select
        k._file_hash,
        k._source_row,
        min(u.period_start_on) as due_month
    from linked as k
    inner join {{ ref('stg_crm__accounts') }} as a on k.account_id = a.account_id
    inner join runs as u
        on
            coalesce(u.bill_cycle_code, a.bill_cycle_code, '') = coalesce(a.bill_cycle_code, u.bill_cycle_code, '')
            and k.event_month <= u.period_start_on
            and u.cutoff_at >= coalesce(k.rated_at, k.started_at)
    where k.billed_month is null
    group by k._file_hash, k._source_row
),

final as (
    select
        k.event_month,
        k.event_on,
        k.billed_month,
        d.due_month,
        case
            when k.is_extra and k.billed_month is not null then 'billed_twice'
            when k.is_extra then 'linked_twice'
            when k.billed_month <> k.event_month then 'other_month'
            when k.billed_month is not null then 'other_account'
            when a.account_type in ({{ not_charged_accounts() }}) then 'free_account'
            when d.due_month < {{ window_to() }} then 'unbilled'
            else 'not_yet_due'
        end as exception_type,
        k.rated_usage_id,
        k.network_record_id,
        k.account_id,
        k.invoiced_account_id,
        k.subscription_id,
        k.service_id,
        k.service_code,
        k.other_party_number,
        k.started_at,
        k.rated_at,
        k.quantity,
        k.unit_code,
        k.invoice_line_id,
        k.currency_code,
        {{ to_micros('k.charge_amount') }} as charge_micros,
        k._source_file,
        k._source_row,
        k._file_hash
    from linked as k
    left join due as d on k._file_hash = d._file_hash and k._source_row = d._source_row
    left join {{ ref('stg_crm__accounts') }} as a on k.account_id = a.account_id
)

select * from final
