-- as delivered: repeated records are findings, so nothing is dropped here
with

source as (
    select * from {{ source('mediation', 'interconnect_usage') }}
),

final as (
    select
        interconnect_record_id,
        trunk_group_id,
        partner_id,
        direction_code,
        service_code,
        calling_number,
        called_number,
        called_number_head,
        routing_number,
        routing_number_head,
        started_at,
        quantity,
        unit_code,
        event_on,
        _record_key,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
