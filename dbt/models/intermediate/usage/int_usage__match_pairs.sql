-- what ties one day earlier or later (an event at midnight), and by tolerance where ids are absent
with

network as (
    select
        *,
        {{ epoch_seconds('started_at') }} as started_second,
        row_number() over (partition by record_key order by event_on, network_record_id, _file_hash, _source_row) as key_rank
    from {{ ref('int_usage__untied_network') }}
    where record_count > 0
),

rated as (
    select
        *,
        {{ epoch_seconds('started_at') }} as started_second,
        row_number() over (
            partition by record_key
            order by rated_at, rated_usage_id, _file_hash, _source_row
        ) as key_rank
    from {{ ref('int_usage__untied_rated') }}
    where link_no = 1
),

pairs_by_key as (
    select
        n._file_hash as left_hash,
        n._source_row as left_row,
        r._file_hash as right_hash,
        r._source_row as right_row,
        'id' as matched_by
    from network as n
    inner join rated as r
        on
            n.record_key = r.record_key
            and n.key_rank = r.key_rank
            and abs({{ days_between('n.event_on', 'r.event_on') }}) <= 1
),

left_rest as (
    select
        concat(n._file_hash, ':', cast(n._source_row as string)) as record_no,
        n.service_id,
        n.service_code,
        n.started_second,
        n.quantity
    from network as n
    left join pairs_by_key as p on n._file_hash = p.left_hash and n._source_row = p.left_row
    where p.left_hash is null
),

right_rest as (
    select
        concat(r._file_hash, ':', cast(r._source_row as string)) as record_no,
        r.service_id,
        r.service_code,
        r.started_second,
        r.quantity
    from rated as r
    where r.record_key is null
),

pairs_by_tolerance as (
    {{ match_by_tolerance('left_rest', 'right_rest', var('match_tolerance_seconds')) }}
),

final as (
    select
        concat(left_hash, ':', cast(left_row as string)) as left_no,
        concat(right_hash, ':', cast(right_row as string)) as right_no,
        matched_by
    from pairs_by_key
    union all
    select
        left_no,
        right_no,
        'tolerance' as matched_by
    from pairs_by_tolerance
)

select * from final
