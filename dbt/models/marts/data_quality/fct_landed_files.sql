with

final as (
    select
        feed,
        source_file,
        file_hash,
        status,
        reason,
        line_count,
        header_count,
        trailer_count,
        blank_count,
        loaded_count,
        quarantined_count,
        deleted_count,
        ambiguous_time_count,
        missing_time_count,
        first_event_on,
        last_event_on
    from {{ ref('stg_tieout__landed_files') }}
)

select * from final
