with

source as (
    {{ latest_by_key(source('billing', 'credit_notes'), ['credit_note_id']) }}
),

final as (
    select
        credit_note_id,
        invoice_id,
        account_id,
        issued_on,
        net_amount,
        tax_amount,
        reason_code,
        currency_code,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
