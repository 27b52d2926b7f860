with

source as (
    {{ latest_by_key(source('crm', 'accounts'), ['account_id']) }}
),

final as (
    select
        account_id,
        customer_id,
        account_type,
        currency_code,
        bill_cycle_code,
        tax_jurisdiction_code,
        is_tax_exempt,
        opened_on,
        closed_on,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
