-- what became of every record that does not tie in the first pass
with

network_records as (
    select * from {{ ref('int_usage__open_network') }}
),

rated as (
    select * from {{ ref('int_usage__open_rated') }}
),

pairs as (
    select * from {{ ref('int_usage__match_pairs') }}
),

quarantined as (
    select distinct record_key
    from {{ ref('stg_tieout__quarantined_rows') }}
    where feed = 'network_usage' and record_key is not null
),

incomplete_sessions as (
    select distinct _record_key as record_key
    from {{ ref('int_usage__session_parts') }}
    where assembly_state in ('incomplete', 'suspense')
),

unverifiable_days as (
    select distinct event_on
    from {{ ref('int_data_quality__feed_days') }}
    where feed_state <> 'ok'
),

near_copies as (
    {{ near_copies('rated') }}
),

paired as (
    select
        n.record_no as left_no,
        r.record_no as right_no,
        case when n.quantity = r.quantity then 'matched' else 'matched_with_difference' end as result_type,
        p.matched_by as reason_code
    from pairs as p
    inner join network_records as n on p.left_no = n.record_no
    inner join rated as r on p.right_no = r.record_no
),

left_only as (
    select
        n.record_no as left_no,
        cast(null as string) as right_no,
        coalesce(w.result_type, 'left_only') as result_type,
        coalesce(w.reason_code, 'no rated event') as reason_code
    from network_records as n
    left join pairs as p on n.record_no = p.left_no
    left join {{ ref('int_usage__left_reasons') }} as w on n.record_key = w.record_key
    where p.left_no is null
),

right_only as (
    select
        cast(null as string) as left_no,
        r.record_no as right_no,
        case
            when k.record_key is not null then 'ambiguous'
            when q.record_key is not null or i.record_key is not null then 'pending'
            when c.record_no is not null then 'ambiguous'
            when u.event_on is not null then 'pending'
            else 'right_only'
        end as result_type,
        case
            when k.record_key is not null then 'duplicate'
            when q.record_key is not null then 'quarantined: network_usage'
            when i.record_key is not null then 'network session incomplete'
            when c.record_no is not null then 'near duplicate'
            when u.event_on is not null then 'network feed incomplete'
            else 'no network record'
        end as reason_code
    from rated as r
    left join pairs as p on r.record_no = p.right_no
    left join (
        select distinct rated.record_key
        from rated
        inner join pairs on rated.record_no = pairs.right_no
    ) as k
        on r.record_key = k.record_key
    left join quarantined as q on r.record_key = q.record_key
    left join incomplete_sessions as i on r.record_key = i.record_key
    left join near_copies as c on r.record_no = c.record_no
    left join unverifiable_days as u on r.event_on = u.event_on
    where p.right_no is null
),

final as (
    select * from paired
    union all
    select * from left_only
    union all
    select * from right_only
)

select * from final
