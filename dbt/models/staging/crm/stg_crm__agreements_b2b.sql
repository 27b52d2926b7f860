with

source as (
    {{ latest_by_key(source('crm', 'agreements_b2b'), ['agreement_id']) }}
),

final as (
    select
        agreement_id,
        account_id,
        price_rule_id,
        commitment_amount,
        relief_reference,
        relief_from_on,
        relief_to_on,
        currency_code,
        valid_from_on,
        valid_to_on,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
