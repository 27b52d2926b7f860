with

source as (
    {{ latest_by_key(source('billing', 'account_credits'), ['account_credit_id']) }}
),

final as (
    select
        account_credit_id,
        account_id,
        credit_type,
        credit_amount,
        priority,
        currency_code,
        valid_from_on,
        valid_to_on,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
