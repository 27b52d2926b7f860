-- the element's own list of files against what mediation collected
with

files as (
    select * from {{ ref('stg_mediation__usage_files') }}
    where {{ in_window('event_month') }}
),

collected as (
    select
        ne_id,
        file_name,
        count(*) as collection_count,
        max(record_count) as record_count,
        min(_source_file) as _source_file,
        min(_source_row) as _source_row,
        min(_file_hash) as _file_hash
    from files
    where reported_by_code = 'mediation'
    group by ne_id, file_name
),

written as (
    select
        *,
        lag(sequence_no) over (partition by ne_id order by opened_at, closed_at, file_name) as previous_sequence_no
    from files
    where reported_by_code = 'element'
),

final as (
    select
        w.ne_id,
        w.file_name,
        w.event_month,
        w.sequence_no,
        w.previous_sequence_no,
        w.opened_at,
        w.closed_at,
        w.record_count as written_count,
        c.record_count as collected_count,
        coalesce(c.collection_count, 0) as collection_count,
        case
            when c.file_name is null then 'FILE_MISSING'
            when c.record_count < w.record_count then 'FILE_SHORT'
            when c.collection_count > 1 then 'FILE_DUP'
            else 'ok'
        end as collection_state,
        coalesce(
            w.previous_sequence_no is not null
            and w.sequence_no <> (w.previous_sequence_no + 1) % {{ var('sequence_modulus') }}, false
        ) as is_sequence_broken,
        w._source_file as left_source_file,
        w._source_row as left_source_row,
        w._file_hash as left_file_hash,
        c._source_file as right_source_file,
        c._source_row as right_source_row,
        c._file_hash as right_file_hash
    from written as w
    left join collected as c on w.ne_id = c.ne_id and w.file_name = c.file_name
)

select * from final
