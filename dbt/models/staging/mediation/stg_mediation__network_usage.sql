-- as delivered: repeated records are findings, so nothing is dropped here
with

source as (
    select * from {{ source('mediation', 'network_usage') }}
),

final as (
    select
        network_record_id,
        partial_of_record_id,
        session_id,
        part_type_code,
        usage_file_name,
        ne_id,
        service_id,
        service_id_raw,
        service_code,
        call_type_code,
        other_party_number,
        other_party_number_raw,
        other_party_number_head,
        started_at,
        quantity,
        unit_code,
        event_amount,
        active_quantity,
        metric_code,
        is_reversal,
        event_on,
        _record_key,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
