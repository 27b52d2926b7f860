-- as delivered: repeated records are findings, so nothing is dropped here
with

source as (
    select * from {{ source('mediation', 'mediation_rejects') }}
),

final as (
    select
        network_record_id,
        reason_code,
        usage_file_name,
        merged_into_record_id,
        started_at,
        quantity,
        event_on,
        _record_key,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
