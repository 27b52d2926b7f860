-- credits, lapses and usage of each prepaid subscription in the order in which they come
with

balances as (
    select * from {{ ref('int_prepaid__balances') }}
),

faults as (
    select distinct subscription_no from {{ ref('int_prepaid__balance_faults') }}
),

numbers as (
    select b.subscription_no, b.subscription_id, b.is_negative_allowed
    from balances as b
    left join faults as f on b.subscription_no = f.subscription_no
    where b.slot_no = 0 and f.subscription_no is null
),

credits as (
    select c.*
    from {{ ref('int_prepaid__credits') }} as c
    inner join numbers as n on c.subscription_no = n.subscription_no
),

-- what is used first lapses first, so a balance is at most what has been put on it and has not lapsed
expiries as (
    select
        e.subscription_no,
        e.slot_no,
        e.expires_at,
        cast(sum(case when coalesce(c.expires_at > e.expires_at, true) then c.item_units else 0 end) as bigint)
            as item_units
    from (
        select distinct subscription_no, slot_no, expires_at from credits
        where expires_at is not null
    ) as e
    inner join credits as c
        on e.subscription_no = c.subscription_no and e.slot_no = c.slot_no and e.expires_at > c.credited_at
    group by e.subscription_no, e.slot_no, e.expires_at
),

items as (
    select
        subscription_no, 'expiry' as item_type, 1 as item_order, expires_at as item_at, slot_no, item_units,
        cast(null as string) as item_id, cast(null as string) as _file_hash, cast(null as bigint) as _source_row
    from expiries
    union all
    select
        subscription_no, 'credit' as item_type, 2 as item_order, credited_at as item_at, slot_no, item_units,
        credit_id as item_id, cast(null as string) as _file_hash, cast(null as bigint) as _source_row
    from credits
    union all
    select
        n.subscription_no, 'event' as item_type, 3 as item_order, e.started_at as item_at,
        cast(null as integer) as slot_no, cast(null as bigint) as item_units,
        e.event_id as item_id, e._file_hash, cast(e._source_row as bigint) as _source_row
    from {{ ref('int_prepaid__events') }} as e
    inner join numbers as n on e.subscription_id = n.subscription_id
),

ordered as (
    select
        *,
        cast(row_number() over (
            partition by subscription_no
            order by item_at, item_order, slot_no, item_id, _file_hash, _source_row
        ) as integer) as item_no
    from items
),

final as (
    select
        o.subscription_no,
        o.item_no,
        o.item_type,
        o.item_at,
        o.item_id,
        o.slot_no,
        o.item_units,
        e.quantity_milli,
        e.price_rule_id,
        e.price_micros, e.unit_milli, e.first_increment_milli, e.next_increment_milli, e.connect_micros,
        e.minimum_micros, e.maximum_micros, e.rounding_step_micros, e.whole_milli, e.whole_micros,
        n.is_negative_allowed,
        {% for slot in balance_slots() -%}
        b{{ slot }}.slot_no is not null as pays_{{ slot }},
        b{{ slot }}.increment_milli as increment_{{ slot }}_milli,
        {% endfor -%}
        o._file_hash,
        o._source_row
    from ordered as o
    inner join numbers as n on o.subscription_no = n.subscription_no
    left join {{ ref('int_prepaid__events') }} as e
        on
            o.item_type = 'event'
            and o.item_id = e.event_id
            and o._file_hash = e._file_hash
            and o._source_row = e._source_row
    {% for slot in balance_slots() -%}
    left join balances as b{{ slot }}
        on
            o.subscription_no = b{{ slot }}.subscription_no
            and b{{ slot }}.slot_no = {{ slot }}
            and e.service_code = b{{ slot }}.service_code
            and coalesce(b{{ slot }}.zone_code, e.zone_code, '') = coalesce(e.zone_code, '')
    {% endfor %}
)

select * from final
