with

source as (
    {{ latest_by_key(source('crm', 'order_items'), ['order_item_id', 'state_at']) }}
),

final as (
    select
        order_item_id,
        order_id,
        subscription_id,
        service_id,
        service_id_raw,
        product_offering_id,
        action_code,
        requested_on,
        charge_code,
        charge_amount,
        charge_on,
        unit_count,
        tax_group_code,
        currency_code,
        state_code,
        state_at,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
