-- sessions of which a part never came: what there is of their usage is counted, the rest waits or is in suspense
with

parts as (
    select * from {{ ref('int_usage__session_parts') }}
    where missing_part <> 'none'
),

sessions as (
    select
        session_id,
        min(missing_part) as missing_part,
        max(case when assembly_state = 'suspense' then 1 else 0 end) as is_suspended,
        max(case when assembly_state = 'incomplete' then 1 else 0 end) as is_waiting,
        min(age_days) as age_days,
        min(ne_id) as ne_id,
        min(service_code) as service_code,
        min(event_on) as first_event_on,
        max(event_on) as last_event_on,
        count(*) as record_count,
        sum(case when assembly_state = 'counted' then counted_quantity else 0 end) as counted_quantity,
        min(unit_code) as unit_code
    from parts
    group by session_id
),

-- continuations of a long call whose first record is in no file
orphans as (
    select
        record_key,
        min(ne_id) as ne_id,
        min(service_code) as service_code,
        min(event_on) as first_event_on,
        max(event_on) as last_event_on,
        min(network_record_id) as network_record_id,
        count(*) as record_count,
        sum(quantity) as quantity,
        min(unit_code) as unit_code
    from {{ ref('int_usage__untied_network') }}
    group by record_key
    having sum(record_count) = 0
),

latest as (
    select max(last_event_on) as latest_on
    from {{ ref('stg_tieout__landed_files') }}
    where feed = 'network_usage' and status = 'loaded'
),

final as (
    select
        session_id,
        case
            when is_suspended = 1 then 'suspense'
            when is_waiting = 1 then 'incomplete'
            when age_days > {{ var('session_timeout_days') }} then 'unclosed'
            else 'open'
        end as session_state,
        missing_part,
        cast(age_days as bigint) as age_days,
        ne_id,
        service_code,
        first_event_on,
        last_event_on,
        cast(record_count as bigint) as record_count,
        cast(counted_quantity as decimal(18, 3)) as counted_quantity,
        unit_code
    from sessions
    union all
    select
        o.network_record_id as session_id,
        case
            when {{ days_between('o.last_event_on', 'l.latest_on') }} > {{ var('session_timeout_days') }}
                then 'suspense'
            else 'incomplete'
        end as session_state,
        'first record' as missing_part,
        cast({{ days_between('o.last_event_on', 'l.latest_on') }} as bigint) as age_days,
        o.ne_id,
        o.service_code,
        o.first_event_on,
        o.last_event_on,
        cast(o.record_count as bigint) as record_count,
        cast(0 as decimal(18, 3)) as counted_quantity,
        o.unit_code
    from orphans as o
    cross join latest as l
)

select * from final
