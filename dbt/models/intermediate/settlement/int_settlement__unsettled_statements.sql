-- what cannot be compared: lines that partners declared, and lines of ours without a rate of exchange
with

declared as (
    select
        'declared' as item_type,
        partner_id,
        direction_code,
        statement_month,
        hold_code as reason_code,
        concat('statement ', statement_id, ' line ', cast(line_no as string), ': ', case hold_code
            when 'PARTNER_UNKNOWN' then concat('partner ', partner_id, ' is not known; deliver it in partners')
            when 'AGREEMENT_MISSING'
                then concat(
                    'no agreement with ', partner_id, ' for ', direction_code, ' traffic in the month'
                )
            when 'CURRENCY_UNEXPECTED'
                then concat(
                    'declared in ', currency_code, ', the agreement is paid in ', settlement_currency_code,
                    '; ask for a statement in that currency'
                )
            else 'no rate of exchange for the day that the agreement names; deliver it in fx_rates'
        end) as reason,
        service_code,
        band_code,
        statement_on as first_on,
        statement_on as last_on,
        event_count,
        declared_milli as quantity_milli,
        declared_micros as micros,
        currency_code,
        _source_file as source_file,
        _source_row as source_row
    from {{ ref('int_settlement__declared_lines') }}
    where hold_code <> 'none'
),

unconverted as (
    select
        'unconverted' as item_type,
        partner_id,
        direction_code,
        statement_month,
        'FX_RATE_MISSING' as reason_code,
        concat(
            'no rate from ', currency_code, ' to ', settlement_currency_code,
            ' for the day that agreement ', agreement_id, ' names; deliver it in fx_rates'
        ) as reason,
        service_code,
        band_code,
        min(event_on) as first_on,
        max(event_on) as last_on,
        sum(event_count) as event_count,
        sum(rated_milli) as quantity_milli,
        sum(line_micros) as micros,
        currency_code,
        cast(null as string) as source_file,
        cast(null as bigint) as source_row
    from {{ ref('int_settlement__lines') }}
    where settled_micros is null
    group by
        partner_id, direction_code, statement_month, currency_code, settlement_currency_code, agreement_id,
        service_code, band_code
),

final as (
    select * from declared
    union all
    select * from unconverted
)

select * from final
