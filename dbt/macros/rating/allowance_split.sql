{# How much of each event an allowance pays, as named steps of a statement; the last ones are
   results, each with its condition on the events (e).

   The relation has counter_no (empty without allowance), month_part, consume_place, event_id, usage_term_no and
   wanted_milli. A counter that stays within its allowance needs no order. Of the others only the place at which
   it runs out is looked for, in the part of the month where the sums say it is: what lies before it is free, what
   lies behind is charged, and the event in between takes the rest. Only where several begin at that very moment
   are they put in order, by event_id. #}
{% macro allowance_split(relation, results={'split': 'true'}) %}
{%- set parts = range(4) -%}
counted as (
    select
        counter_no,
        max(usage_term_no) as usage_term_no,
        {% for part in parts %}
        cast(sum(case when month_part <= {{ part }} then wanted_milli else 0 end) as bigint) as wanted_{{ part }}_milli,
        {% endfor %}
        cast(sum(wanted_milli) as bigint) as wanted_milli
    from {{ relation }}
    where counter_no is not null
    group by counter_no
),
exceeded as (
    select
        g.counter_no,
        t.allowance_milli,
        case
            {% for part in parts %}when g.wanted_{{ part }}_milli > t.allowance_milli then {{ part }} {% endfor %}
            else {{ parts | length }}
        end as crossed_part,
        case
            when g.wanted_0_milli > t.allowance_milli then 0
            {% for part in parts if part > 0 %}
            when g.wanted_{{ part }}_milli > t.allowance_milli then g.wanted_{{ part - 1 }}_milli
            {% endfor %}
            else g.wanted_{{ parts | last }}_milli
        end as used_milli
    from counted as g
    inner join {{ ref('int_catalogue__usage_terms') }} as t on g.usage_term_no = t.usage_term_no
    where g.wanted_milli > t.allowance_milli
),
running as (
    select
        e.counter_no,
        e.consume_place,
        e.wanted_milli,
        x.allowance_milli,
        x.used_milli,
        x.used_milli + cast(sum(e.wanted_milli) over (
            partition by e.counter_no order by e.consume_place
            range between unbounded preceding and current row
        ) as bigint) as wanted_until_milli
    from {{ relation }} as e
    inner join exceeded as x on e.counter_no = x.counter_no and e.month_part = x.crossed_part
),
crossings as (
    select
        counter_no,
        min(case when wanted_until_milli > allowance_milli then consume_place end) as crossed_place,
        max(allowance_milli)
            - max(case when wanted_until_milli <= allowance_milli then wanted_until_milli else used_milli end) as left_milli,
        -- one event takes all that is wanted at the crossing, or several share it
        min(case when wanted_until_milli > allowance_milli then wanted_until_milli end)
            - max(case when wanted_until_milli <= allowance_milli then wanted_until_milli else used_milli end)
        <> max(
            case
                when wanted_until_milli > allowance_milli and wanted_until_milli - wanted_milli <= allowance_milli
                    then wanted_milli
                else 0
            end
        ) as is_shared
    from running
    group by counter_no
),
{% for result, condition in results.items() %}
{{ result }} as (
    select
        e.*,
        case
            when e.counter_no is null or e.consume_place > c.crossed_place then 0
            when e.consume_place = c.crossed_place then least(e.wanted_milli, c.left_milli)
            else e.wanted_milli
        end as free_milli
    from {{ relation }} as e
    left join crossings as c on e.counter_no = c.counter_no
    where {{ condition }} and not coalesce(c.is_shared and e.consume_place = c.crossed_place, false)
    union all
    select * from (
        select
            e.*,
            greatest(0, least(e.wanted_milli, c.left_milli - cast(sum(e.wanted_milli) over (
                partition by e.counter_no order by e.event_id, e.wanted_milli
                rows between unbounded preceding and current row
            ) as bigint) + e.wanted_milli)) as free_milli
        from {{ relation }} as e
        inner join crossings as c on e.counter_no = c.counter_no and e.consume_place = c.crossed_place
        where c.is_shared
    ) as e
    where {{ condition }}
){% if not loop.last %},{% endif %}
{% endfor %}
{% endmacro %}

{# Quarters of a month, in the order in which an allowance is used; what comes after all others is the last. #}
{% macro month_part(event_on, consume_rank) %}
case when {{ consume_rank }} > 1 then 4 else {{ integer_divide("day(" ~ event_on ~ ") - 1", "8") }} end
{% endmacro %}

{# One number for a rating set, a subscription, a month and an allowance; it fits into 64 bits for less than
   2^31 subscriptions, 2^16 allowances, 2^5 sets and a window of less than 64 months. #}
{% macro counter_no(rating_set, subscription_no, event_on, allowance_no) %}
((cast({{ subscription_no }} as bigint) * 65536 + {{ allowance_no }}) * 64 + (year({{ event_on }}) * 12 + month({{ event_on }})) % 64) * 32
+ {{ rating_set }}
{% endmacro %}
