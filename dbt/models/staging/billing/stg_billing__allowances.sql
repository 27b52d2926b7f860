with

source as (
    {{ latest_by_key(source('billing', 'allowances'), ['allowance_id']) }}
),

final as (
    select
        allowance_id,
        product_offering_id,
        service_code,
        zone_code,
        time_band_code,
        allowance_quantity,
        unit_code,
        allowance_type,
        allowance_amount,
        currency_code,
        sharing_type,
        increment_quantity,
        is_prorated,
        is_rolled_over,
        rollover_month_count,
        priority,
        valid_from_on,
        valid_to_on,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
