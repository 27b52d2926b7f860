with

source as (
    {{ latest_by_key(source('crm', 'approved_prices'), ['price_rule_id']) }}
),

final as (
    select
        price_rule_id,
        product_offering_id,
        charge_code,
        charge_type,
        service_code,
        zone_code,
        time_band_code,
        charge_model,
        tier_policy,
        tier_basis,
        increment_rounding_decimals,
        band_rule,
        maximum_rule,
        price_amount,
        unit_quantity,
        first_increment_quantity,
        next_increment_quantity,
        connect_amount,
        minimum_amount,
        maximum_amount,
        rounding_decimals,
        increment_point,
        proration_type,
        charge_timing,
        factor_decimals,
        fixed_day_count,
        period_unit,
        period_count,
        period_alignment,
        trial_day_count,
        is_charged_while_suspended,
        early_end_rule,
        credit_limit_type,
        tax_group_code,
        is_tax_inclusive,
        rounding_point,
        gl_account_id,
        currency_code,
        valid_from_on,
        valid_to_on,
        approved_by,
        approved_on,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
