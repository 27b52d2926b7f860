with

source as (
    select * from {{ source('tieout', 'quarantined_rows') }}
),

final as (
    select
        feed,
        source_file,
        source_row,
        file_hash,
        reason_code,
        column_name,
        value,
        natural_key,
        record_key,
        event_on
    from source
)

select * from final
