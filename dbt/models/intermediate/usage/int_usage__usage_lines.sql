-- usage lines of invoices with the sum of the rated events that are linked to them
with

lines as (
    select
        *,
        {{ month_of('service_start_on') }} as billed_month
    from {{ ref('stg_billing__invoice_lines') }}
    where line_type = 'usage' and {{ in_window('service_start_on') }}
),

links as (
    select
        invoice_line_id,
        cast(sum({{ to_micros('charge_amount') }}) as bigint) as linked_micros,
        count(*) as linked_count
    from {{ ref('stg_billing__rated_usage') }}
    where invoice_line_id is not null
    group by invoice_line_id
),

-- a line that was not sent, or was credited whole, bills nothing, unless it is the one that the events name
taken_back as (
    select invoice_id
    from {{ ref('int_billing__billed_invoices') }}
    where not is_billed
),

final as (
    select
        l.invoice_line_id,
        l.invoice_id,
        l.account_id,
        l.subscription_id,
        l.service_code,
        l.charge_code,
        l.billed_month,
        l.currency_code,
        {{ to_micros('l.line_amount') }} as line_micros,
        coalesce(k.linked_micros, 0) as linked_micros,
        coalesce(k.linked_count, 0) as linked_count,
        l._source_file,
        l._source_row,
        l._file_hash
    from lines as l
    left join links as k on l.invoice_line_id = k.invoice_line_id
    left join taken_back as i on l.invoice_id = i.invoice_id
    where i.invoice_id is null or k.linked_count > 0
)

select * from final
