-- invoice lines of one-off charges, and of the discounts that the register grants on them
with

-- a line that was not sent, or was taken back whole by a credit note, bills nothing
invoices as (
    select * from {{ ref('int_billing__billed_invoices') }}
    where not is_billed
),

final as (
    select
        l.invoice_line_id,
        l.invoice_id,
        {{ month_of('l.service_start_on') }} as charge_month,
        l.account_id,
        coalesce(l.subscription_id, '') as subscription_id,
        coalesce(l.charge_code, '') as charge_code,
        l.line_type,
        l.discount_id,
        {{ to_micros('l.line_amount') }} as line_micros,
        l.currency_code,
        l._source_file,
        l._source_row,
        l._file_hash
    from {{ ref('stg_billing__invoice_lines') }} as l
    left join {{ ref('stg_billing__discounts') }} as d on l.discount_id = d.discount_id
    left join invoices as i on l.invoice_id = i.invoice_id
    where
        (l.line_type = 'one_off' or (l.line_type = 'discount' and d.charge_type = 'one_off'))
        and {{ in_window('l.service_start_on') }}
        and i.invoice_id is null
)

select * from final
