with

source as (
    {{ latest_by_key(source('crm', 'product_offerings'), ['product_offering_id']) }}
),

final as (
    select
        product_offering_id,
        offering_name,
        product_type,
        network_feature_code,
        valid_from_on,
        valid_to_on,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
