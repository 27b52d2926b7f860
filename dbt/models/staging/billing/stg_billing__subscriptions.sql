with

source as (
    {{ latest_by_key(source('billing', 'subscriptions'), ['subscription_id', 'product_offering_id', 'valid_from_on']) }}
),

final as (
    select
        subscription_id,
        account_id,
        service_id,
        service_id_raw,
        product_offering_id,
        charge_mode,
        status,
        is_multi_sim,
        unit_count,
        anchor_on,
        valid_from_on,
        valid_to_on,
        valid_from_at,
        valid_to_at,
        _record_key,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
