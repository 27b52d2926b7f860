-- the sets to be rated for every counter and step at which something changes: before (P) and after (N) the step,
-- in event order, and once more with the changed records last, which gives each its own share
with

records as (
    select * from {{ ref('int_usage__chain_records') }}
    where subscription_id is not null
),

counters as (
    select * from {{ ref('int_usage__chain_counters') }}
),

-- the undisturbed rest of the same counters
rest as (
    select
        b.event_id,
        concat(b._file_hash, ':', cast(b._source_row as string)) as record_no,
        b.subscription_id,
        b.service_code,
        b.event_month,
        b.event_on,
        b.started_at,
        b.quantity,
        b.other_party_number_head,
        b._file_hash,
        b._source_row
    from {{ ref('int_usage__billing_set') }} as b
    inner join (select distinct subscription_id, service_code, event_month from counters) as c
        on
            b.subscription_id = c.subscription_id
            and b.service_code = coalesce(c.service_code, b.service_code)
            and b.event_month = c.event_month
    left join (
        select distinct
            right_file_hash,
            right_source_row
        from records
        where right_file_hash is not null
    ) as x
        on b._file_hash = x.right_file_hash and b._source_row = x.right_source_row
    where {{ in_window('b.event_on') }} and x.right_file_hash is null
),

members as (
    select
        event_id, record_no, subscription_id, service_code, event_month, event_on, started_at,
        quantity as network_quantity, quantity as billed_quantity, other_party_number_head,
        _file_hash, _source_row,
        0 as enters_at, cast(null as integer) as exits_at, cast(null as integer) as changes_at
    from rest
    union all
    select
        event_id, record_no, subscription_id, service_code, event_month, event_on, started_at,
        network_quantity, billed_quantity, other_party_number_head,
        coalesce(left_file_hash, right_file_hash) as _file_hash,
        coalesce(left_source_row, right_source_row) as _source_row,
        enters_at, exits_at, changes_at
    from records
),

staged as (
    select
        m.*,
        c.step_no,
        coalesce(m.changes_at = c.step_no, false) as is_changed,
        m.enters_at < c.step_no and coalesce(m.exits_at >= c.step_no, true) as is_before,
        m.enters_at <= c.step_no and coalesce(m.exits_at > c.step_no, true) as is_after
    from members as m
    inner join counters as c
        on
            m.subscription_id = c.subscription_id
            and m.service_code = coalesce(c.service_code, m.service_code)
            and m.event_month = c.event_month
),

phases as (
    select
        *,
        'P' as phase,
        network_quantity as quantity
    from staged
    where is_before
    union all
    select
        *,
        'N' as phase,
        case when step_no = 4 then billed_quantity else network_quantity end as quantity
    from staged
    where is_after
),

final as (
    select
        4 * step_no + case when phase = 'N' then 1 else 0 end as rating_set,
        1 as consume_rank,
        false as has_changes_last,
        *
    from phases
    union all
    select
        4 * step_no + case when phase = 'N' then 3 else 2 end as rating_set,
        case when is_changed then 2 else 1 end as consume_rank,
        true as has_changes_last,
        *
    from phases
)

select * from final
