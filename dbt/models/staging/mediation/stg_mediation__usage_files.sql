with

source as (
    {{ latest_by_key(source('mediation', 'usage_files'), ['reported_by_code', 'ne_id', 'file_name', 'collection_no']) }}
),

final as (
    select
        reported_by_code,
        ne_id,
        sequence_no,
        file_name,
        collection_no,
        opened_at,
        closed_at,
        collected_at,
        record_count,
        total_quantity,
        event_month,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
