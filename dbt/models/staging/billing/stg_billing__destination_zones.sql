with

source as (
    {{ latest_by_key(source('billing', 'destination_zones'), ['prefix']) }}
),

final as (
    select
        prefix,
        zone_code,
        zone_name,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
