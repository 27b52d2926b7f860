with

source as (
    {{ latest_by_key(source('billing', 'price_tiers'), ['price_rule_id', 'tier_no', 'metric_code']) }}
),

final as (
    select
        price_rule_id,
        tier_no,
        metric_code,
        upper_quantity,
        price_amount,
        unit_quantity,
        increment_quantity,
        rate_ratio,
        flat_amount,
        currency_code,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
