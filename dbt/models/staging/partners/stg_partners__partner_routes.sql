with

source as (
    {{ latest_by_key(source('partners', 'partner_routes'), ['trunk_group_id', 'valid_from_on']) }}
),

final as (
    select
        trunk_group_id,
        partner_id,
        direction_code,
        is_test,
        valid_from_on,
        valid_to_on,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
