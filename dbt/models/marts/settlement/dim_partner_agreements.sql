with

final as (
    select
        agreement_id,
        cast(version_no as bigint) as version_no,
        partner_id,
        partner_name,
        direction_code,
        valid_from_on,
        valid_to_on,
        currency_code,
        settlement_currency_code,
        fx_rate_type,
        fx_day_rule,
        cast(tax_ratio as decimal(9, 6)) as tax_ratio,
        cast(tolerance_ratio as decimal(9, 6)) as tolerance_ratio,
        {{ from_micros('tolerance_micros') }} as tolerance_amount,
        dispute_days,
        tier_scheme,
        counter_start_on,
        counter_months,
        {{ from_micros('commitment_micros') }} as commitment_amount,
        is_send_or_pay,
        rounding_scope,
        {{ from_micros('rounding_step_micros') }} as rounding_step_amount,
        netting_group,
        _source_file as source_file,
        cast(_source_row as bigint) as source_row
    from {{ ref('int_settlement__agreements') }}
)

select * from final
