with

source as (
    {{ latest_by_key(source('partners', 'partners'), ['partner_id']) }}
),

final as (
    select
        partner_id,
        partner_name,
        partner_type,
        tadig_code,
        currency_code,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
