-- a line for each kind of traffic that has no price in a month, with what to do
with

held as (
    select
        'traffic' as item_type,
        partner_id,
        direction_code,
        {{ month_of('event_on') }} as statement_month,
        hold_code as reason_code,
        case hold_code
            when 'RATE_OVERLAP'
                then concat(
                    'rates ',
                    partner_rate_id,
                    ' and ',
                    other_partner_rate_id,
                    ' both hold; end one where the other begins'
                )
            when 'ROUTE_UNMAPPED' then 'no route says whose trunk group it is; add it to partner_routes'
            when 'PARTNER_UNKNOWN' then concat('partner ', partner_id, ' is not known; deliver it in partners')
            when 'AGREEMENT_MISSING'
                then concat(
                    'no agreement with ',
                    partner_id,
                    ' for ',
                    direction_code,
                    ' traffic; deliver it in partner_agreements'
                )
            when 'AGREEMENT_EXPIRED'
                then concat(
                    'rate ', ended_rate_id, ' has ended; deliver what holds after it in partner_rates'
                )
            else concat('no rate for service ', service_code, ', band ', band_code, '; deliver it in partner_rates')
        end as reason,
        service_code,
        band_code,
        min(event_on) as first_on,
        max(event_on) as last_on,
        sum(event_count) as event_count,
        sum(quantity_milli) as quantity_milli,
        sum(estimated_micros) as micros,
        currency_code,
        cast(null as string) as source_file,
        cast(null as bigint) as source_row
    from {{ ref('int_settlement__held_traffic') }}
    group by
        partner_id, direction_code, {{ month_of('event_on') }}, hold_code, partner_rate_id, other_partner_rate_id,
        ended_rate_id, service_code, band_code, currency_code
),

repeated as (
    select
        'repeated' as item_type,
        partner_id,
        direction_code,
        {{ month_of('event_on') }} as statement_month,
        'REPEATED_RECORD' as reason_code,
        'delivered before under the same id; counted once' as reason,
        service_code,
        band_code,
        min(event_on) as first_on,
        max(event_on) as last_on,
        count(*) as event_count,
        sum(quantity_milli) as quantity_milli,
        0 as micros,
        cast(null as string) as currency_code,
        min(_source_file) as source_file,
        min(_source_row) as source_row
    from {{ ref('int_settlement__routed_events') }}
    where is_repeated and {{ in_window('event_on') }}
    group by partner_id, direction_code, {{ month_of('event_on') }}, service_code, band_code
),

final as (
    select * from held
    union all
    select * from repeated
)

select * from final
