-- what months before the last one were billed, line by line, over all bills and credit notes
with

-- credit notes for a part of an invoice that stands: a charge that was right is not due again for them
parts as (
    select p.invoice_number
    from {{ ref('stg_tieout__issued_invoices') }} as p
    left join {{ ref('stg_tieout__issued_invoices') }} as w
        on p.corrects_invoice_number = w.corrects_invoice_number and not w.is_part
    where p.is_part and w.invoice_number is null
),

-- a late line was issued under the key of the charge that it completes
issued_lines as (
    select
        l.*,
        case
            when l.expected_line_key like '%|late|%' then split_part(l.expected_line_key, '|late|', 2)
            else l.expected_line_key
        end as charge_key,
        {{ to_micros('l.line_amount') }} as line_micros,
        p.invoice_number is not null as is_part
    from {{ ref('stg_tieout__issued_invoice_lines') }} as l
    left join parts as p on l.invoice_number = p.invoice_number
    where {{ add_months_to('l.origin_month', 1) }} < {{ window_to() }} and {{ in_window('l.origin_month') }}
),

final as (
    select
        charge_key,
        line_type,
        max(origin_month) as origin_month,
        max(account_id) as account_id,
        max(subscription_id) as subscription_id,
        max(service_id) as service_id,
        max(charge_code) as charge_code,
        max(service_code) as service_code,
        max(zone_code) as zone_code,
        max(tax_group_code) as tax_group_code,
        max(price_rule_id) as price_rule_id,
        max(service_start_on) as service_start_on,
        max(service_end_on) as service_end_on,
        max(currency_code) as currency_code,
        cast(sum(case when is_part then 0 else line_micros end) as bigint) as issued_micros,
        cast(sum(case when is_part then -line_micros else 0 end) as bigint) as credited_micros,
        cast(sum(case
            when is_part then 0 when document_type = 'credit_note' then -event_count else event_count
        end) as bigint) as event_count
    from issued_lines
    group by charge_key, line_type
)

select * from final
