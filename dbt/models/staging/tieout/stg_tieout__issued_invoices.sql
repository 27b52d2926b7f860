with

source as (
    select * from {{ source('tieout', 'issued_invoices') }}
),

final as (
    select
        invoice_number,
        document_type,
        corrects_invoice_number,
        is_part,
        bill_run_id,
        legal_entity_code,
        billing_month,
        account_id,
        bill_cycle_code,
        currency_code,
        period_start_on,
        period_end_on,
        issued_on,
        due_on,
        line_count,
        gross_amount,
        discount_amount,
        net_amount,
        tax_amount,
        rounding_amount,
        total_amount,
        prepaid_amount
    from source
)

select * from final
