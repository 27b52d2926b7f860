with

source as (
    {{ latest_by_key(source('billing', 'tax_rates'), ['tax_rate_id']) }}
),

final as (
    select
        tax_rate_id,
        tax_name,
        tax_group_code,
        jurisdiction_code,
        rate_ratio,
        tax_basis,
        is_inclusive,
        tax_category_code,
        exemption_reason,
        valid_from_on,
        valid_to_on,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
