-- records of sessions = counted + repeated + second legs + waiting + in suspense; all counted ones, and no others, are
-- usage
with

delivered as (
    select count(*) as record_count
    from {{ ref('stg_mediation__network_usage') }}
    where part_type_code is not null and {{ in_window('event_on') }}
),

placed as (
    select count(*) as record_count
    from {{ ref('int_usage__session_parts') }}
    where
        assembly_state in ('counted', 'repeated', 'second_leg', 'incomplete', 'suspense')
        and {{ in_window('event_on') }}
),

assembled as (
    select count(*) as record_count
    from {{ ref('int_usage__assembled') }} as a
    inner join {{ ref('int_usage__session_parts') }} as p
        on a._file_hash = p._file_hash and a._source_row = p._source_row and a.event_on = p.event_on
),

counted as (
    select count(*) as record_count
    from {{ ref('int_usage__session_parts') }}
    where assembly_state = 'counted'
)

select
    d.record_count as delivered_count,
    p.record_count as placed_count,
    a.record_count as assembled_count,
    c.record_count as counted_count
from delivered as d
cross join placed as p
cross join assembled as a
cross join counted as c
where d.record_count <> p.record_count or a.record_count <> c.record_count
