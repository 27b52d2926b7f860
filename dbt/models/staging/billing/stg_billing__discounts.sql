with

source as (
    {{ latest_by_key(source('billing', 'discounts'), ['discount_id']) }}
),

final as (
    select
        discount_id,
        description,
        account_id,
        subscription_id,
        product_offering_id,
        scope_type,
        charge_type,
        charge_code,
        discount_type,
        rate_ratio,
        discount_amount,
        free_quantity,
        stacking_type,
        compounding_type,
        spread_type,
        ceiling_ratio,
        maximum_cycle_count,
        approved_by,
        approval_reference,
        minimum_line_count,
        priority,
        currency_code,
        valid_from_on,
        valid_to_on,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
