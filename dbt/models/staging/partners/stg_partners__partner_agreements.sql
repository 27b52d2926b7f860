with

source as (
    {{ latest_by_key(source('partners', 'partner_agreements'), ['agreement_id', 'version_no']) }}
),

final as (
    select
        agreement_id,
        version_no,
        partner_id,
        direction_code,
        currency_code,
        settlement_currency_code,
        fx_rate_type,
        fx_day_rule,
        tax_ratio,
        tolerance_ratio,
        tolerance_amount,
        dispute_days,
        tier_scheme,
        counter_start_on,
        counter_months,
        commitment_amount,
        is_send_or_pay,
        rounding_scope,
        rounding_digits,
        netting_group,
        valid_from_on,
        valid_to_on,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
