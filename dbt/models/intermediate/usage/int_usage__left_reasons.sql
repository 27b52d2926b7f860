-- why a network record may have no rated event: mediation took it out, it waits, or Tieout quarantined a line of it
with

rejected as (
    select
        _record_key as record_key,
        1 as precedence,
        case
            when min(case when reason_code in ({{ legitimate_rejects() }}) then 0 else 1 end) = 0 then 'explained'
            else 'pending'
        end as result_type,
        concat('rejected: ', min(reason_code)) as reason_code
    from {{ ref('stg_mediation__mediation_rejects') }}
    group by _record_key
),

suspended as (
    select
        _record_key as record_key,
        2 as precedence,
        'pending' as result_type,
        concat('suspense: ', min(reason_code)) as reason_code
    from {{ ref('stg_mediation__suspense') }}
    where status <> 'recycled'
    group by _record_key
),

quarantined as (
    select
        record_key,
        3 as precedence,
        'pending' as result_type,
        concat('quarantined: ', min(feed)) as reason_code
    from {{ ref('stg_tieout__quarantined_rows') }}
    where feed in ('rated_usage', 'mediation_rejects', 'suspense')
    group by record_key
),

ranked as (
    select
        *,
        row_number() over (partition by record_key order by precedence) as reason_rank
    from (
        select * from rejected
        union all
        select * from suspended
        union all
        select * from quarantined
    ) as reasons
    where record_key is not null
),

final as (
    select
        record_key,
        result_type,
        reason_code
    from ranked
    where reason_rank = 1
)

select * from final
