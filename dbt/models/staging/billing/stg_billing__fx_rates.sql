with

source as (
    {{ latest_by_key(
        source('billing', 'fx_rates'), ['from_currency_code', 'to_currency_code', 'rate_on', 'rate_type']
    ) }}
),

final as (
    select
        from_currency_code,
        to_currency_code,
        rate_on,
        rate_type,
        rate,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
