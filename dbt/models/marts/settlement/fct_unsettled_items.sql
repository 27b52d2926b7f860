-- what is on neither statement, or cannot be compared: nothing of it is guessed, and nothing is lost
with

faults as (
    select
        'price' as item_type,
        coalesce(partner_id, '') as partner_id,
        '' as direction_code,
        cast(null as date) as statement_month,
        fault_code as reason_code,
        concat('rate ', partner_rate_id, ' is not used: ', reason) as reason,
        '' as service_code,
        '' as band_code,
        cast(null as date) as first_on,
        cast(null as date) as last_on,
        cast(null as string) as currency_code,
        _source_file as source_file,
        _source_row as source_row
    from {{ ref('int_settlement__rate_faults') }}
    union all
    select
        'price' as item_type,
        partner_id,
        direction_code,
        cast(null as date) as statement_month,
        fault_code as reason_code,
        reason,
        service_code,
        rate_band_code as band_code,
        from_on as first_on,
        {{ add_days('to_on', -1) }} as last_on,
        cast(null as string) as currency_code,
        _source_file as source_file,
        _source_row as source_row
    from {{ ref('int_settlement__validity_faults') }}
),

items as (
    select * from {{ ref('int_settlement__unsettled_traffic') }}
    union all
    select * from {{ ref('int_settlement__unsettled_statements') }}
    union all
    select
        item_type, partner_id, direction_code, statement_month, reason_code, reason, service_code, band_code,
        first_on, last_on, 0 as event_count, 0 as quantity_milli, 0 as micros, currency_code, source_file, source_row
    from faults
),

final as (
    select
        item_type,
        partner_id,
        direction_code,
        statement_month,
        reason_code,
        reason,
        service_code,
        band_code,
        first_on,
        last_on,
        cast(event_count as bigint) as event_count,
        {{ from_milli('quantity_milli') }} as quantity,
        {{ from_micros('micros') }} as estimated_amount,
        currency_code,
        source_file,
        source_row
    from items
)

select * from final
