-- what there is in each pool: its month's own, and what the months before left over
{{ with_recursive('carried') }} (
    select
        owner_key,
        allowance_id,
        granted_month,
        month_no,
        pool_no,
        granted_units,
        cast(0 as bigint) as carried_units,
        cast(greatest(0, least(kept_units, granted_units - asked_units)) as bigint) as left_units
    from {{ ref('int_billing__allowance_months') }}
    where is_first
    union all
    select
        p.owner_key,
        p.allowance_id,
        p.granted_month,
        p.month_no,
        p.pool_no,
        p.granted_units,
        c.left_units as carried_units,
        cast(greatest(0, least(p.kept_units, c.left_units + p.granted_units - p.asked_units)) as bigint) as left_units
    from carried as c
    inner join {{ ref('int_billing__allowance_months') }} as p
        on c.owner_key = p.owner_key and c.allowance_id = p.allowance_id and c.month_no + 1 = p.month_no
),

final as (
    select
        pool_no,
        owner_key,
        allowance_id,
        granted_month,
        granted_units,
        carried_units,
        granted_units + carried_units as available_units
    from carried
)

select * from final
