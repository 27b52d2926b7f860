-- what ties one day earlier or later (an event at midnight), and by tolerance where ids are absent
with

network as (
    select
        *,
        {{ epoch_seconds('started_at') }} as started_second,
        row_number() over (partition by record_key order by event_on, network_record_id, record_no) as key_rank
    from {{ ref('int_usage__open_network') }}
),

rated as (
    select
        *,
        {{ epoch_seconds('started_at') }} as started_second,
        row_number() over (partition by record_key order by rated_at, rated_usage_id, record_no) as key_rank
    from {{ ref('int_usage__open_rated') }}
),

pairs_by_key as (
    select
        n.record_no as left_no,
        r.record_no as right_no,
        'id' as matched_by
    from network as n
    inner join rated as r
        on
            n.record_key = r.record_key
            and n.key_rank = r.key_rank
            and abs({{ days_between('n.event_on', 'r.event_on') }}) <= 1
),

left_rest as (
    select n.*
    from network as n
    left join pairs_by_key as p on n.record_no = p.left_no
    where p.left_no is null
),

right_rest as (
    select * from rated
    where record_key is null
),

pairs_by_tolerance as (
    {{ match_by_tolerance('left_rest', 'right_rest', var('match_tolerance_seconds')) }}
),

final as (
    select * from pairs_by_key
    union all
    select
        left_no,
        right_no,
        'tolerance' as matched_by
    from pairs_by_tolerance
)

select * from final
