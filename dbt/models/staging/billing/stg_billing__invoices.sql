with

source as (
    {{ latest_by_key(source('billing', 'invoices'), ['invoice_id']) }}
),

final as (
    select
        invoice_id,
        invoice_number,
        account_id,
        bill_run_id,
        invoiced_on,
        period_start_on,
        period_end_on,
        previous_balance_amount,
        payment_amount,
        net_amount,
        tax_amount,
        rounding_amount,
        total_amount,
        closing_balance_amount,
        currency_code,
        status,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
