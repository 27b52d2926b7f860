with

source as (
    {{ latest_by_key(source('partners', 'partner_rates'), ['partner_rate_id']) }}
),

final as (
    select
        partner_rate_id,
        agreement_id,
        version_no,
        service_code,
        band_code,
        from_quantity,
        price_amount,
        unit_quantity,
        first_increment_quantity,
        next_increment_quantity,
        setup_amount,
        currency_code,
        valid_from_on,
        valid_to_on,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
