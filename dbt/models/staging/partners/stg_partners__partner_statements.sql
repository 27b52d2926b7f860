with

source as (
    {{ latest_by_key(source('partners', 'partner_statements'), ['statement_id', 'line_no']) }}
),

final as (
    select
        statement_id,
        line_no,
        partner_id,
        direction_code,
        service_code,
        band_code,
        statement_on,
        hour_no,
        event_count,
        quantity,
        unit_price_amount,
        unit_quantity,
        statement_amount,
        tax_amount,
        fx_rate,
        currency_code,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
