with

source as (
    {{ latest_by_key(source('crm', 'commitments'), ['commitment_id']) }}
),

final as (
    select
        commitment_id,
        account_id,
        subscription_id,
        product_offering_id,
        commitment_type,
        commitment_amount,
        charge_type,
        charge_code,
        is_prorated,
        proration_type,
        has_true_up,
        overage_ratio,
        fee_basis,
        rounding_decimals,
        period_unit,
        period_count,
        period_alignment,
        anchor_on,
        tax_group_code,
        currency_code,
        valid_from_on,
        valid_to_on,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
