with

source as (
    {{ latest_by_key(source('partners', 'partner_destinations'), ['partner_id', 'prefix', 'valid_from_on']) }}
),

final as (
    select
        partner_id,
        prefix,
        band_code,
        valid_from_on,
        valid_to_on,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
