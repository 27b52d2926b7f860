{# The matcher where ids are absent: pairs of left and right records of the same service whose starts lie within
   the tolerance and whose quantities within one unit or one percent.

   Both relations have record_no (unique), service_id, service_code, started_second and quantity. Starts are put
   into minutes; a left record near a minute's edge probes the neighbour too, so no candidate is missed.
   One to one: each record keeps the nearest partner that also prefers it; ties go to the lower record_no.
   Returns left_no, right_no. Two rounds settle chains such as a-b, a-c, d-b. #}
{% macro match_by_tolerance(left, right, seconds) %}
select left_no, right_no from (
with candidates as (
    select
        l.record_no as left_no,
        r.record_no as right_no,
        abs(l.started_second - r.started_second) * 1000000000 + cast(abs(l.quantity - r.quantity) as bigint) as distance
    from (
        select *, {{ integer_divide("started_second - " ~ seconds, 60) }} as probe_minute from {{ left }}
        union all
        select *, {{ integer_divide("started_second + " ~ seconds, 60) }} from {{ left }}
        where {{ integer_divide("started_second - " ~ seconds, 60) }} <> {{ integer_divide("started_second + " ~ seconds, 60) }}
    ) as l
    inner join (select *, {{ integer_divide("started_second", 60) }} as probe_minute from {{ right }}) as r
        on
            l.service_id = r.service_id
            and l.service_code = r.service_code
            and l.probe_minute = r.probe_minute
            and abs(l.started_second - r.started_second) <= {{ seconds }}
            and abs(l.quantity - r.quantity) <= greatest(1, l.quantity * 0.01)
),
first_ranked as ({{ rank_candidates('candidates') }}),
first_pairs as (select left_no, right_no from first_ranked where left_rank = 1 and right_rank = 1),
rest as (
    select c.*
    from candidates as c
    left join first_pairs as l on c.left_no = l.left_no
    left join first_pairs as r on c.right_no = r.right_no
    where l.left_no is null and r.right_no is null
),
second_ranked as ({{ rank_candidates('rest') }})
select left_no, right_no from first_pairs
union all
select left_no, right_no from second_ranked where left_rank = 1 and right_rank = 1
) as pairs
{% endmacro %}

{% macro rank_candidates(relation) %}
select
    left_no,
    right_no,
    row_number() over (partition by left_no order by distance, right_no) as left_rank,
    row_number() over (partition by right_no order by distance, left_no) as right_rank
from {{ relation }}
{% endmacro %}
