-- what each record of a session counts: starts and stops paired, counts so far turned into what they add, second legs
-- put aside. Records are ordered by their own time, so the file and the order they came in change nothing
with

latest as (
    select max(last_event_on) as latest_on
    from {{ ref('stg_tieout__landed_files') }}
    where feed = 'network_usage' and status = 'loaded'
),

-- a session may have begun before the window
delivered as (
    select
        *,
        coalesce(session_id, network_record_id) as session_key,
        row_number() over (
            partition by coalesce(session_id, network_record_id), network_record_id, part_type_code, started_at
            order by _file_hash, _source_row
        ) as copy_no,
        case part_type_code when 'start' then 1 when 'stop' then 3 else 2 end as part_rank
    from {{ ref('stg_mediation__network_usage') }}
    where
        part_type_code is not null
        and event_on >= {{ add_days(window_from(), '-' ~ var('session_timeout_days')) }}
        and event_on < {{ window_to() }}
),

sessions as (
    select
        session_key,
        min(case when part_type_code = 'start' then started_at end) as start_at,
        max(case when part_type_code = 'start' then 1 else 0 end) = 1 as has_start,
        max(case when part_type_code = 'stop' then 1 else 0 end) = 1 as has_stop,
        max(case when part_type_code = 'interim' then 1 else 0 end) = 1 as has_interim,
        max(case when part_type_code = 'partial' then 1 else 0 end) = 1 as has_partial,
        max(case when part_type_code = 'leg' then 0 else 1 end) = 1 as has_first_leg,
        max(case when part_type_code = 'stop' and quantity > 0 then 1 else 0 end) = 1 as has_stop_count,
        max(event_on) as last_on
    from delivered
    group by session_key
),

-- a count so far adds what it is more than the one before; one that is less has begun again
readings as (
    select
        _file_hash, _source_row, event_on,
        quantity - case
            when lag(quantity) over reading_order <= quantity then lag(quantity) over reading_order else 0
        end as added_quantity
    from delivered
    where copy_no = 1 and (part_type_code = 'interim' or (part_type_code = 'stop' and quantity > 0))
    window reading_order as (
        partition by session_key order by started_at, part_rank, quantity, network_record_id
    )
),

legs as (
    select
        _file_hash,
        _source_row,
        row_number() over (partition by session_key order by started_at, network_record_id) as leg_no
    from delivered
    where copy_no = 1 and part_type_code = 'leg'
),

judged as (
    select
        d.*,
        {{ days_between('s.last_on', 'l.latest_on') }} as age_days,
        case
            when d.part_type_code = 'partial' then d.quantity
            when r._file_hash is not null then r.added_quantity
            when d.part_type_code = 'leg' then d.quantity
            when d.part_type_code = 'stop' and s.has_start and d.unit_code = 'second'
                then {{ epoch_seconds('d.started_at') }} - {{ epoch_seconds('s.start_at') }}
            else 0
        end as counted_quantity,
        case
            when d.copy_no > 1 then 'repeated'
            when d.part_type_code = 'leg' and (s.has_first_leg or g.leg_no > 1) then 'second_leg'
            when d.part_type_code = 'leg' or s.has_interim or s.has_partial or s.has_stop_count then 'counted'
            when s.has_start and s.has_stop then 'counted'
            when {{ days_between('s.last_on', 'l.latest_on') }} > {{ var('session_timeout_days') }} then 'suspense'
            else 'incomplete'
        end as assembly_state,
        case
            when not s.has_first_leg or s.has_partial then 'none'
            when s.has_stop and (s.has_start or s.has_stop_count) then 'none'
            when s.has_stop then 'start'
            else 'stop'
        end as missing_part
    from delivered as d
    inner join sessions as s on d.session_key = s.session_key
    cross join latest as l
    left join readings as r
        on d._file_hash = r._file_hash and d._source_row = r._source_row and d.event_on = r.event_on
    left join legs as g on d._file_hash = g._file_hash and d._source_row = g._source_row
),

final as (
    select
        network_record_id, session_key as session_id, part_type_code,
        case
            when assembly_state = 'counted'
                then row_number() over (
                    partition by session_key, assembly_state order by started_at, part_rank, network_record_id
                )
        end as part_no,
        usage_file_name, ne_id, service_id, service_code, call_type_code, other_party_number, other_party_number_head,
        started_at, quantity as delivered_quantity, cast(counted_quantity as decimal(18, 3)) as counted_quantity,
        unit_code, event_on, age_days, missing_part, assembly_state,
        _record_key, _source_file, _source_row, _file_hash
    from judged
)

select * from final
