with

source as (
    {{ latest_by_key(source('crm', 'bill_days'), ['account_id', 'valid_from_on']) }}
),

final as (
    select
        account_id,
        bill_day,
        valid_from_on,
        bridge_basis,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
