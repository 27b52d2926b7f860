-- second pass of the match, left side: the records behind keys that do not tie, long calls merged
{{ config(materialized='by_period', period_column='event_on', inputs=['network_usage', 'rated_usage']) }}

with

untied as (
    select * from {{ ref('int_usage__untied_keys') }}
    where {{ in_window('event_on') }}
),

feeds as (
    select count(*) = 2 as has_both
    from {{ ref('stg_tieout__feeds') }}
    where feed in ('network_usage', 'rated_usage') and row_count > 0
),

-- the keys alone decide which records are read at all; one of another day may have the same key
candidates as (
    select * from {{ ref('int_usage__assembled') }}
    where
        call_type_code <> 'terminating'
        and {{ in_window('event_on') }}
        and _record_key in ({{ few_values('record_key', ref('int_usage__untied_keys'), in_window('event_on')) }})
        and (event_on, _record_key) in (select u.event_on, u.record_key from untied as u)
),

records as (
    select
        *,
        row_number() over (
            partition by event_on, _record_key
            order by case when partial_of_record_id is null then 0 else 1 end, started_at, _file_hash, _source_row
        ) as part_no,
        sum(quantity) over (partition by event_on, _record_key) as merged_quantity,
        sum(case when partial_of_record_id is null then 1 else 0 end)
            over (partition by event_on, _record_key) as record_count
    from candidates
),

final as (
    select
        r.event_on,
        r._record_key as record_key,
        r.network_record_id,
        r.usage_file_name,
        r.ne_id,
        r.service_id,
        r.service_code,
        r.call_type_code,
        r.other_party_number,
        r.other_party_number_head,
        r.started_at,
        -- a record delivered twice is still one record
        cast(case when r.record_count > 1 then r.quantity else r.merged_quantity end as decimal(18, 3)) as quantity,
        cast(r.record_count as bigint) as record_count,
        r.unit_code,
        r._source_file,
        r._source_row,
        r._file_hash
    from records as r
    cross join feeds as f
    where r.part_no = 1 and f.has_both
)

select * from final
