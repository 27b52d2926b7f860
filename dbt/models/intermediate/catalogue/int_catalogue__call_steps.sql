-- steps of the elapsed length of one event: price, unit and increment of each; the increments of a plain price are two
with

prices as (
    select * from {{ ref('int_catalogue__prices') }}
    where charge_type = 'usage'
),

tiers as (
    select
        p.price_rule_id,
        t.tier_no as step_no,
        coalesce(
            lag({{ to_milli('t.upper_quantity') }}) over (partition by p.price_rule_id order by t.tier_no), 0
        ) as from_milli,
        coalesce({{ to_milli('t.upper_quantity') }}, 9000000000000000000) as to_milli,
        {{ to_micros('t.price_amount') }} as price_micros,
        coalesce({{ to_milli('t.unit_quantity') }}, p.unit_milli) as unit_milli,
        coalesce({{ to_milli('t.increment_quantity') }}, p.next_increment_milli) as increment_milli
    from prices as p
    inner join {{ ref('stg_billing__price_tiers') }} as t on p.price_rule_id = t.price_rule_id
    where p.tier_basis = 'event'
),

increments as (
    select
        price_rule_id,
        1 as step_no,
        0 as from_milli,
        first_increment_milli as to_milli,
        case when charge_model = 'flat' then 0 else price_micros end as price_micros,
        unit_milli,
        first_increment_milli as increment_milli
    from prices
    where tier_basis = 'month' and first_increment_milli > 0 and first_increment_milli <> next_increment_milli
    union all
    select
        price_rule_id,
        2 as step_no,
        case when first_increment_milli <> next_increment_milli then first_increment_milli else 0 end as from_milli,
        9000000000000000000 as to_milli,
        case when charge_model = 'flat' then 0 else price_micros end as price_micros,
        unit_milli,
        next_increment_milli as increment_milli
    from prices
    where tier_basis = 'month'
),

final as (
    select
        price_rule_id,
        step_no,
        cast(from_milli as bigint) as from_milli,
        to_milli,
        price_micros,
        unit_milli,
        increment_milli
    from (
        select * from tiers
        union all
        select * from increments
    ) as steps
)

select * from final
