with

source as (
    {{ latest_by_key(source('billing', 'topups'), ['topup_id']) }}
),

final as (
    select
        topup_id,
        subscription_id,
        topped_up_at,
        topup_amount,
        bonus_amount,
        balance_code,
        expires_at,
        channel_code,
        currency_code,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
