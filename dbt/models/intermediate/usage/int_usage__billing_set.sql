-- what is rated: the events that billing received, and the level with which a month begins as an event of its start
{{ config(materialized='view') }}

with

received as (
    select * from {{ ref('int_usage__received_events') }}
),

levels as (
    select * from {{ ref('int_usage__opening_levels') }}
),

final as (
    select
        event_on,
        event_id,
        subscription_id,
        service_id,
        service_code,
        other_party_number,
        other_party_number_head,
        started_at,
        quantity,
        unit_code,
        charged_micros,
        is_charged,
        _source_file,
        _source_row,
        _file_hash,
        event_month
    from received
    union all
    select
        event_month as event_on,
        concat('level|', subscription_id, '|', service_code, '|', cast(event_month as string)) as event_id,
        subscription_id,
        cast(null as string) as service_id,
        service_code,
        cast(null as string) as other_party_number,
        cast(null as bigint) as other_party_number_head,
        cast(event_month as timestamp) as started_at,
        quantity,
        cast(null as string) as unit_code,
        cast(null as bigint) as charged_micros,
        false as is_charged,
        cast(null as string) as _source_file,
        cast(null as bigint) as _source_row,
        cast(null as string) as _file_hash,
        event_month
    from levels
)

select * from final
