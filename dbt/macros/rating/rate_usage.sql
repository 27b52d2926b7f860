{# Rates a set of usage events: plan, zone, price, increments, allowance in event order, charge, discount.

   The relation has rating_set, subscription_id, service_code, event_on, event_month, started_at, event_id,
   consume_rank, quantity and other_party_number_head, and the columns named in keep. Each rating_set is
   rated by itself; within one, an allowance is consumed by consume_rank, started_at, event_id.
   Quantities are in thousandths of base units, money in micro-units: whole numbers, exact on every engine.
   Returns rating_set, the kept columns, product_offering_id, zone_code, price_rule_id, allowance_id,
   rated_milli, free_milli, chargeable_milli, discount_ratio and charge_micros (null where no price is found). #}
{% macro rate_usage(relation, keep) %}
{%- set needed = ['subscription_id', 'event_month', 'started_at', 'event_id', 'consume_rank'] -%}
{%- set columns = needed + (keep | reject('in', needed) | list) -%}
select * from (
with heads as (
    select distinct other_party_number_head as head from {{ relation }} where other_party_number_head is not null
),
-- the last range that begins at or before a head: one sort of both together, where a range join would try all pairs
head_marks as (
    select
        head,
        is_head,
        max(range_from) over (order by head, is_head rows between unbounded preceding and current row) as range_from
    from (
        select head, cast(null as bigint) as range_from, 1 as is_head from heads
        union all
        select from_head as head, from_head as range_from, 0 as is_head from {{ ref('int_catalogue__zone_ranges') }}
    ) as marks
),
zoned_heads as (
    select m.head, z.zone_code
    from head_marks as m
    inner join {{ ref('int_catalogue__zone_ranges') }} as z on m.range_from = z.from_head and m.head < z.to_head
    where m.is_head = 1
),
priced as (
    select
        u.rating_set,
        {% for column in columns %}u.{{ column }}, {% endfor %}
        p.product_offering_id,
        z.zone_code,
        t.price_rule_id, t.price_micros, t.unit_milli, t.first_increment_milli, t.next_increment_milli,
        t.connect_micros, t.minimum_micros, t.maximum_micros, t.rounding_step_micros, t.increment_point,
        case when u.event_on >= t.allowance_from_on and u.event_on < t.allowance_to_on then t.allowance_id end
            as allowance_id,
        case when u.event_on >= t.allowance_from_on and u.event_on < t.allowance_to_on then t.allowance_milli else 0 end
            as allowance_milli,
        d.rate_ratio as discount_ratio,
        cast(u.quantity * 1000 as bigint) as quantity_milli
    from {{ relation }} as u
    left join zoned_heads as z on u.other_party_number_head = z.head
    left join {{ ref('int_customers__plan_periods') }} as p
        on
            u.subscription_id = p.subscription_id
            and u.event_on >= p.valid_from_on
            and u.event_on < p.valid_to_on
    left join {{ ref('int_catalogue__usage_terms') }} as t
        on
            p.product_offering_id = t.product_offering_id
            and u.service_code = t.service_code
            and coalesce(z.zone_code, '(none)') = t.event_zone_code
            and u.event_on >= t.valid_from_on
            and u.event_on < t.valid_to_on
    left join {{ ref('int_billing__percent_discounts') }} as d
        on
            u.subscription_id = d.subscription_id
            and d.charge_type = 'usage'
            and coalesce(d.product_offering_id, p.product_offering_id) = p.product_offering_id
            and u.event_on >= d.valid_from_on
            and u.event_on < d.valid_to_on
),
incremented as (
    select *, {{ round_up_to_increments('quantity_milli') }} as rated_milli
    from priced
),
consumed as (
    select
        *,
        case when increment_point = 'after_allowance' then quantity_milli else rated_milli end as wanted_milli,
        cast(sum(case when increment_point = 'after_allowance' then quantity_milli else rated_milli end) over (
            partition by rating_set, subscription_id, event_month, allowance_id
            order by consume_rank, started_at, event_id
            rows unbounded preceding
        ) as bigint) as wanted_until_milli
    from incremented
),
split as (
    select
        *,
        case
            when allowance_id is null then 0
            else greatest(0, least(wanted_milli, allowance_milli - (wanted_until_milli - wanted_milli)))
        end as free_milli
    from consumed
),
charged as (
    select
        *,
        case
            when increment_point = 'after_allowance'
                then {{ round_up_to_increments('(wanted_milli - free_milli)') }}
            else wanted_milli - free_milli
        end as chargeable_milli
    from split
),
valued as (
    select
        *,
        case
            when price_rule_id is null then null
            when chargeable_milli = 0 then 0
            else least(
                greatest(
                    {{ ratio_micros('chargeable_milli', 'price_micros', 'unit_milli', 'rounding_step_micros') }}
                    + connect_micros,
                    minimum_micros
                ),
                coalesce(maximum_micros, 999999999999999999)
            )
        end as full_micros
    from charged
)
select
    rating_set,
    {% for column in keep %}{{ column }}, {% endfor %}
    product_offering_id,
    zone_code,
    price_rule_id,
    allowance_id,
    rated_milli,
    free_milli,
    chargeable_milli,
    discount_ratio,
    -- the discount is taken from each event and rounded at six decimals
    case
        when discount_ratio is null then full_micros
        else {{ ratio_micros('full_micros', "cast((1 - discount_ratio) * 1000000 as bigint)", '1000000', '1') }}
    end as charge_micros
from valued
) as rated_set
{% endmacro %}

{# A quantity rounded up to its first increment and then to whole next increments; zero stays zero. #}
{% macro round_up_to_increments(quantity) %}
case
    when {{ quantity }} <= 0 then 0
    when coalesce(next_increment_milli, 0) = 0 then {{ quantity }}
    else first_increment_milli + {{ integer_divide(
        "greatest(0, " ~ quantity ~ " - first_increment_milli) + next_increment_milli - 1", "next_increment_milli"
    ) }} * next_increment_milli
end
{% endmacro %}
