with

source as (
    {{ latest_by_key(source('billing', 'balance_snapshots'), ['subscription_id', 'balance_code', 'snapshot_at']) }}
),

final as (
    select
        subscription_id,
        balance_code,
        snapshot_at,
        balance_amount,
        expires_at,
        currency_code,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
