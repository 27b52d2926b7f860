with

source as (
    {{ latest_by_key(source('billing', 'balance_definitions'), ['balance_code']) }}
),

final as (
    select
        balance_code,
        balance_type,
        service_code,
        zone_code,
        priority,
        increment_quantity,
        is_negative_allowed,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
