-- each pool of a month with what its month wants of it and what may still be kept of it for the next
with

pools as (
    select distinct
        pool_no, owner_key, allowance_id, granted_month, granted_units, rollover_count,
        year(granted_month) * 12 + month(granted_month) as month_no
    from {{ ref('int_billing__allowance_members') }}
),

-- of what may be used in the next month there is at most what the last months brought
kept as (
    select
        a.pool_no,
        cast(sum(b.granted_units) as bigint) as kept_units
    from pools as a
    inner join pools as b
        on
            a.owner_key = b.owner_key
            and a.allowance_id = b.allowance_id
            and a.month_no >= b.month_no
            and b.month_no > a.month_no - a.rollover_count
    group by a.pool_no
),

final as (
    select
        p.pool_no,
        p.owner_key,
        p.allowance_id,
        p.granted_month,
        p.month_no,
        p.granted_units,
        coalesce(d.asked_milli, 0) as asked_units,
        coalesce(k.kept_units, 0) as kept_units,
        b.pool_no is null as is_first
    from pools as p
    left join {{ ref('int_billing__allowance_demands') }} as d on p.pool_no = d.pool_no
    left join kept as k on p.pool_no = k.pool_no
    left join pools as b
        on p.owner_key = b.owner_key and p.allowance_id = b.allowance_id and p.month_no - 1 = b.month_no
)

select * from final
