-- invoice lines of recurring charges and of their discounts, by the charge that each belongs to
with

-- a line that was not sent, or was taken back whole by a credit note, bills nothing
invoices as (
    select * from {{ ref('int_billing__billed_invoices') }}
    where not is_billed
),

lines as (
    select
        l.*,
        {{ month_of('l.service_start_on') }} as charge_month,
        case
            when l.line_type = 'discount' and l.subscription_id is null then l.discount_id
            else l.charge_code
        end as compared_code
    from {{ ref('stg_billing__invoice_lines') }} as l
    left join {{ ref('stg_billing__discounts') }} as d on l.discount_id = d.discount_id
    left join invoices as i on l.invoice_id = i.invoice_id
    where
        (l.line_type = 'recurring' or (l.line_type = 'discount' and coalesce(d.charge_type, 'recurring') = 'recurring'))
        and {{ in_window('l.service_start_on') }}
        and i.invoice_id is null
),

final as (
    select
        invoice_line_id,
        invoice_id,
        charge_month,
        account_id,
        coalesce(subscription_id, '') as subscription_id,
        coalesce(compared_code, '') as charge_code,
        product_offering_id,
        line_type,
        discount_id,
        service_start_on,
        service_end_on,
        {{ days_between('service_start_on', 'service_end_on') }} as line_days,
        {{ to_micros('line_amount') }} as line_micros,
        row_number() over (
            partition by
                account_id, subscription_id, compared_code, product_offering_id, line_type, discount_id,
                service_start_on, service_end_on, line_amount, currency_code
            order by invoice_id, invoice_line_id
        ) as copy_no,
        count(*) over (
            partition by
                account_id, subscription_id, compared_code, product_offering_id, line_type, discount_id,
                service_start_on, service_end_on, line_amount, currency_code
        ) as copy_count,
        currency_code,
        _source_file,
        _source_row,
        _file_hash
    from lines
)

select * from final
