-- as delivered: repeated records are findings, so nothing is dropped here
with

source as (
    select * from {{ source('mediation', 'suspense') }}
),

final as (
    select
        suspense_id,
        network_record_id,
        reason_code,
        status,
        service_id,
        service_id_raw,
        started_at,
        quantity,
        entered_at,
        event_on,
        _record_key,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
