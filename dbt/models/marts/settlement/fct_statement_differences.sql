-- what is neither another clock nor rounding is open, and disputed where it is more than the agreement tolerates
with

parts as (
    select
        *,
        volume_micros + price_micros + mix_micros + fx_micros + tax_micros as open_micros,
        declared_micros + declared_tax_micros - measured_micros - measured_tax_micros as difference_micros,
        greatest(tolerance_micros, {{ in_billionths('abs(measured_micros)', to_billionths('tolerance_ratio')) }})
            as tolerated_micros
    from {{ ref('int_settlement__difference_parts') }}
),

final as (
    select
        partner_id,
        direction_code,
        statement_month,
        service_code,
        band_code,
        {{ from_milli('declared_milli') }} as declared_quantity,
        {{ from_milli('measured_milli') }} as measured_quantity,
        {{ from_micros('declared_micros') }} as declared_amount,
        {{ from_micros('measured_micros') }} as measured_amount,
        {{ from_micros('declared_tax_micros') }} as declared_tax_amount,
        {{ from_micros('measured_tax_micros') }} as measured_tax_amount,
        {{ from_micros('difference_micros') }} as difference_amount,
        {{ from_micros('volume_micros') }} as volume_amount,
        {{ from_micros('price_micros') }} as price_amount,
        {{ from_micros('mix_micros') }} as mix_amount,
        {{ from_micros('timing_micros') }} as timing_amount,
        {{ from_micros('fx_micros') }} as fx_amount,
        {{ from_micros('rounding_micros') }} as rounding_amount,
        {{ from_micros('tax_micros') }} as tax_amount,
        {{ from_micros('open_micros') }} as open_amount,
        {{ from_micros('tolerated_micros') }} as tolerated_amount,
        {{ from_micros('case when abs(open_micros) > tolerated_micros then open_micros else 0 end') }}
            as disputed_amount,
        settlement_currency_code as currency_code,
        cast(shift_hours as bigint) as shift_hours
    from parts
)

select * from final
