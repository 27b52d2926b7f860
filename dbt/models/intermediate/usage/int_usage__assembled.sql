-- the network's records with their parts put together: the first part of a session is its record, the others add to it
-- like the parts of a long call do
{{ config(materialized='view') }}

with

whole as (
    select
        network_record_id,
        partial_of_record_id,
        usage_file_name,
        ne_id,
        service_id,
        service_code,
        call_type_code,
        other_party_number,
        other_party_number_head,
        started_at,
        quantity,
        unit_code,
        event_on,
        _record_key,
        _source_file,
        _source_row,
        _file_hash
    from {{ ref('stg_mediation__network_usage') }}
    where part_type_code is null
),

parts as (
    select
        network_record_id,
        case when part_no > 1 then session_id end as partial_of_record_id,
        usage_file_name,
        ne_id,
        service_id,
        service_code,
        call_type_code,
        other_party_number,
        other_party_number_head,
        started_at,
        counted_quantity as quantity,
        unit_code,
        event_on,
        _record_key,
        _source_file,
        _source_row,
        _file_hash
    from {{ ref('int_usage__session_parts') }}
    where assembly_state = 'counted'
),

final as (
    select * from whole
    union all
    select * from parts
)

select * from final
