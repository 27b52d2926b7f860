-- every record that does not tie in the first pass, with what became of it; ties are counted in the days table
with

network as (
    select
        *,
        concat(_file_hash, ':', cast(_source_row as string)) as record_no,
        -- a long call that runs over midnight is delivered in two days
        case
            when sum(record_count) over (partition by record_key) = 1
                then sum(quantity) over (partition by record_key)
            else quantity
        end as whole_quantity
    from {{ ref('int_usage__untied_network') }}
),

network_records as (
    select * from network
    where record_count > 0
),

rated as (
    select
        *,
        concat(_file_hash, ':', cast(_source_row as string)) as record_no
    from {{ ref('int_usage__untied_rated') }}
    where link_no = 1
),

pairs as (
    select * from {{ ref('int_usage__match_pairs') }}
),

rejects as (
    select
        _record_key as record_key,
        min(reason_code) as reason_code,
        min(case when reason_code in ({{ legitimate_rejects() }}) then 0 else 1 end) as is_error
    from {{ ref('stg_mediation__mediation_rejects') }}
    group by _record_key
),

suspended as (
    select
        _record_key as record_key,
        min(reason_code) as reason_code
    from {{ ref('stg_mediation__suspense') }}
    where status <> 'recycled'
    group by _record_key
),

quarantined as (
    select distinct
        feed,
        record_key
    from {{ ref('stg_tieout__quarantined_rows') }}
    where feed in ('network_usage', 'rated_usage', 'mediation_rejects', 'suspense') and record_key is not null
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
        case when n.whole_quantity = r.quantity then 'matched' else 'matched_with_difference' end as result_type,
        p.matched_by as reason_code
    from pairs as p
    inner join network_records as n on p.left_no = n.record_no
    inner join rated as r on p.right_no = r.record_no
),

left_only as (
    select
        n.record_no as left_no,
        cast(null as string) as right_no,
        case
            when x.is_error = 0 then 'explained'
            when x.is_error = 1 or s.record_key is not null or q.record_key is not null then 'pending'
            else 'left_only'
        end as result_type,
        case
            when x.record_key is not null then concat('rejected: ', x.reason_code)
            when s.record_key is not null then concat('suspense: ', s.reason_code)
            when q.record_key is not null then concat('quarantined: ', q.feed)
            else 'no rated event'
        end as reason_code
    from network_records as n
    left join pairs as p on n.record_no = p.left_no
    left join rejects as x on n.record_key = x.record_key
    left join suspended as s on n.record_key = s.record_key
    left join (
        select
            record_key,
            min(feed) as feed
        from quarantined
        where feed <> 'network_usage'
        group by record_key
    ) as q on n.record_key = q.record_key
    where p.left_no is null
),

right_only as (
    select
        cast(null as string) as left_no,
        r.record_no as right_no,
        case
            when k.record_key is not null then 'ambiguous'
            when q.record_key is not null then 'pending'
            when c.record_no is not null then 'ambiguous'
            when u.event_on is not null then 'pending'
            else 'right_only'
        end as result_type,
        case
            when k.record_key is not null then 'duplicate'
            when q.record_key is not null then 'quarantined: network_usage'
            when c.record_no is not null then 'near duplicate'
            when u.event_on is not null then 'network feed incomplete'
            else 'no network record'
        end as reason_code
    from rated as r
    left join pairs as p on r.record_no = p.right_no
    left join (select distinct record_key from rated inner join pairs on rated.record_no = pairs.right_no) as k
        on r.record_key = k.record_key
    left join (select record_key from quarantined where feed = 'network_usage') as q on r.record_key = q.record_key
    left join near_copies as c on r.record_no = c.record_no
    left join unverifiable_days as u on r.event_on = u.event_on
    where p.right_no is null
),

results as (
    select * from paired
    union all
    select * from left_only
    union all
    select * from right_only
),

final as (
    select
        m.result_type,
        m.reason_code,
        coalesce(n.event_on, r.event_on) as event_on,
        coalesce(n.service_id, r.service_id) as service_id,
        coalesce(n.service_code, r.service_code) as service_code,
        coalesce(n.other_party_number, r.other_party_number) as other_party_number,
        coalesce(n.other_party_number_head, r.other_party_number_head) as other_party_number_head,
        coalesce(n.unit_code, r.unit_code) as unit_code,
        coalesce(r.subscription_id, o.subscription_id) as subscription_id,
        coalesce(r.account_id, o.account_id) as account_id,
        n.record_no as left_no,
        n.event_on as left_event_on,
        n.network_record_id as left_record_id,
        n.ne_id,
        n.usage_file_name,
        n.started_at as left_started_at,
        cast(n.whole_quantity as decimal(18, 3)) as left_quantity,
        n._source_file as left_source_file,
        n._source_row as left_source_row,
        n._file_hash as left_file_hash,
        r.record_no as right_no,
        r.event_on as right_event_on,
        r.rated_usage_id,
        r.network_record_id as right_record_id,
        r.started_at as right_started_at,
        r.quantity as right_quantity,
        r.charge_amount,
        r.currency_code,
        r._source_file as right_source_file,
        r._source_row as right_source_row,
        r._file_hash as right_file_hash
    from results as m
    left join network_records as n on m.left_no = n.record_no
    left join rated as r on m.right_no = r.record_no
    left join {{ ref('int_customers__service_owners') }} as o
        on
            n.service_id = o.service_id
            and o.is_primary
            and n.event_on >= o.owned_from_on
            and n.event_on < o.owned_to_on
)

select * from final
