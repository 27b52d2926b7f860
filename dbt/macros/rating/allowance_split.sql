{# How much of each event an allowance pays, as named steps of a statement; the last one is split.

   The relation has counter_no (empty without allowance), consume_place, event_id, usage_term_no, wanted_milli.
   A counter that stays within its allowance needs no order. Of the others only the place at which it runs out
   is looked for: what lies before it is free, what lies behind is charged, and the events that begin at this
   very moment share the rest by event_id. So what is sorted are three numbers an event. #}
{% macro allowance_split(relation) %}
exceeded as (
    select
        g.counter_no,
        t.allowance_milli
    from (
        select
            counter_no,
            max(usage_term_no) as usage_term_no,
            cast(sum(wanted_milli) as bigint) as wanted_milli
        from {{ relation }}
        where counter_no is not null
        group by counter_no
    ) as g
    inner join {{ ref('int_catalogue__usage_terms') }} as t on g.usage_term_no = t.usage_term_no
    where g.wanted_milli > t.allowance_milli
),
running as (
    select
        e.counter_no,
        e.consume_place,
        x.allowance_milli,
        cast(sum(e.wanted_milli) over (
            partition by e.counter_no order by e.consume_place
            range between unbounded preceding and current row
        ) as bigint) as wanted_until_milli
    from {{ relation }} as e
    inner join exceeded as x on e.counter_no = x.counter_no
),
crossings as (
    select
        counter_no,
        min(case when wanted_until_milli > allowance_milli then consume_place end) as crossed_place,
        max(allowance_milli)
            - max(case when wanted_until_milli <= allowance_milli then wanted_until_milli else 0 end) as left_milli
    from running
    group by counter_no
),
split as (
    select
        e.*,
        case
            when e.counter_no is null or e.consume_place > c.crossed_place then 0
            else e.wanted_milli
        end as free_milli
    from {{ relation }} as e
    left join crossings as c on e.counter_no = c.counter_no
    where c.crossed_place is null or e.consume_place <> c.crossed_place
    union all
    select
        e.*,
        greatest(0, least(e.wanted_milli, c.left_milli - cast(sum(e.wanted_milli) over (
            partition by e.counter_no order by e.event_id, e.wanted_milli
            rows between unbounded preceding and current row
        ) as bigint) + e.wanted_milli)) as free_milli
    from {{ relation }} as e
    inner join crossings as c on e.counter_no = c.counter_no and e.consume_place = c.crossed_place
)
{% endmacro %}

{# One number for a rating set, a subscription, a month and an allowance; it fits into 64 bits for less than
   2^31 subscriptions, 2^16 allowances, 2^5 sets and a window of less than 64 months. #}
{% macro counter_no(rating_set, subscription_no, event_on, allowance_no) %}
(({{ subscription_no }} * 65536 + {{ allowance_no }}) * 64 + (year({{ event_on }}) * 12 + month({{ event_on }})) % 64) * 32
+ {{ rating_set }}
{% endmacro %}
