with

final as (
    select
        partner_id,
        agreement_id,
        cast(version_no as bigint) as version_no,
        direction_code,
        line_type,
        service_code,
        band_code,
        partner_rate_id,
        event_on,
        statement_month,
        cast(event_count as bigint) as event_count,
        {{ from_milli('quantity_milli') }} as quantity,
        {{ from_milli('rated_milli') }} as rated_quantity,
        {{ from_micros('price_micros') }} as price_amount,
        {{ from_milli('unit_milli') }} as unit_quantity,
        {{ from_micros('line_micros') }} as line_amount,
        currency_code,
        {{ from_micros('settled_micros') }} as settlement_amount,
        {{ from_micros('tax_micros') }} as tax_amount,
        settlement_currency_code,
        fx_rate_on
    from {{ ref('int_settlement__lines') }}
)

select * from final
