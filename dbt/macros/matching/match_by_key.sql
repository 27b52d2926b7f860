{# The matcher, first pass: which keys of a day do not tie.

   Both relations have event_on, record_key, quantity and record_count (1, or 0 for a row that only adds its
   quantity to another record). A key ties when each side holds it exactly once with the same quantity; such
   keys are counted but never written, so the result is thin.

   Counts and quantities travel in one sum, which costs a fifth less than two: a left record weighs
   10^18, a right one 2^32 times that, and the quantities (below 10^15) come on top, the right ones negative.
   Returns event_on, record_key, side_count (left records plus 2^32 times right records), quantity_difference. #}
{% macro match_by_key(left, right) %}
select
    event_on,
    record_key,
    side_count,
    total_weight - cast(side_count as decimal(19, 0)) * {{ record_weight() }} as quantity_difference
from (
    select
        event_on,
        record_key,
        total_weight,
        -- the quantities are less than a thousandth of a record's weight
        cast(round(total_weight / {{ record_weight() }}) as bigint) as side_count
    from (
        select event_on, record_key, sum(weight) as total_weight
        from (
            select
                event_on,
                record_key,
                cast(
                    case when record_count = 1 then {{ record_weight() }} + quantity else quantity end as decimal(38, 3)
                ) as weight
            from {{ left }}
            union all
            select
                event_on,
                record_key,
                cast(
                    case when record_count = 1 then {{ record_weight(4294967296) }} - quantity else -quantity end
                    as decimal(38, 3)
                )
            from {{ right }}
        ) as sides
        group by event_on, record_key
        having sum(weight) <> {{ record_weight(4294967297) }}
    ) as weights
) as counted
{% endmacro %}

{# What so many left records weigh; a right one counts as 2^32 of them. #}
{% macro record_weight(count=1) %}cast({{ count }}000000000000000000 as decimal(38, 3)){% endmacro %}
