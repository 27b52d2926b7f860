{# The matcher, first pass: which keys of a day do not tie.

   Both relations have event_on, record_key, quantity and record_count (1, or 0 for a row that only adds its
   quantity to another record). A key ties when each side holds it exactly once with the same quantity; such
   keys are counted but never written, so the result is thin. Left counts 1, right counts 2^32 in one sum. #}
{% macro match_by_key(left, right) %}
select
    event_on,
    record_key,
    cast(sum(side_count) as bigint) as side_count,
    sum(signed_quantity) as quantity_difference
from (
    select event_on, record_key, cast(record_count as bigint) as side_count, quantity as signed_quantity
    from {{ left }}
    union all
    select event_on, record_key, record_count * cast(4294967296 as bigint), -quantity
    from {{ right }}
) as sides
group by event_on, record_key
{% endmacro %}

{# Whether a thin row ties. #}
{% macro key_ties() %}sum(side_count) = 4294967297 and sum(signed_quantity) = 0{% endmacro %}
