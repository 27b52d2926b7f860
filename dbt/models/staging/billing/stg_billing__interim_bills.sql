with

source as (
    {{ latest_by_key(source('billing', 'interim_bills'), ['subscription_id', 'price_rule_id', 'usage_month']) }}
),

final as (
    select
        subscription_id,
        price_rule_id,
        usage_month,
        billed_until_at,
        billed_amount,
        is_begun,
        is_last,
        currency_code,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
