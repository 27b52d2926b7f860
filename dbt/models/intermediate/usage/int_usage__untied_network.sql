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

records as (
    select
        n.*,
        row_number() over (
            partition by n.event_on, n._record_key
            order by
                case when n.partial_of_record_id is null then 0 else 1 end, n.started_at, n._file_hash, n._source_row
        ) as part_no,
        case when n.partial_of_record_id is null then 1 else 0 end as record_count
    from {{ ref('stg_mediation__network_usage') }} as n
    inner join untied as k on n.event_on = k.event_on and n._record_key = k.record_key
    cross join feeds as f
    where n.call_type_code <> 'terminating' and f.has_both and {{ in_window('n.event_on') }}
),

merged as (
    select
        event_on,
        _record_key,
        sum(quantity) as quantity,
        sum(record_count) as record_count
    from records
    group by event_on, _record_key
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
        cast(case when m.record_count > 1 then r.quantity else m.quantity end as decimal(18, 3)) as quantity,
        cast(m.record_count as bigint) as record_count,
        r.unit_code,
        r._source_file,
        r._source_row,
        r._file_hash
    from records as r
    inner join merged as m on r.event_on = m.event_on and r._record_key = m._record_key
    where r.part_no = 1
)

select * from final
