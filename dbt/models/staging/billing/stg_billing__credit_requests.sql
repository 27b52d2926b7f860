with

source as (
    {{ latest_by_key(source('billing', 'credit_requests'), ['credit_request_id', 'item_no']) }}
),

final as (
    select
        credit_request_id,
        item_no,
        invoice_id,
        account_id,
        item_amount,
        period_start_on,
        period_end_on,
        credit_start_on,
        credit_end_on,
        tax_ratio,
        paid_amount,
        credited_amount,
        currency_code,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
