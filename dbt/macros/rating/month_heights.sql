{# The charges of events whose price looks at how high a month stands: peaks, capacities and levels. Of a peak an
   event measures what it adds to it. A level is charged for the part of the month each change holds; its parts are
   kept in millionths of a micro-unit. Named steps of a statement; the last one is named by result. #}
{% macro month_heights(relation, result) %}
{%- set month, in_order = month_of_price(), in_month_order() -%}
heights_told as (
    select
        e.*,
        {{ month_price_columns() }},
        m.free_event_count,
        m.free_micros,
        m.is_level,
        m.aggregation_type
    from {{ relation }} as e
    inner join {{ ref('int_catalogue__month_prices') }} as m on e.price_rule_id = m.price_rule_id
    where e.is_height
),
heights_measured as (
    select
        *,
        case
            when aggregation_type = 'peak' and charge_model <> 'capacity'
                then greatest(0, told - greatest(0, coalesce(
                    max(told) over (
                        partition by {{ month }}, coalesce(metric_code, '') {{ in_order }} 1 preceding
                    ), 0
                )))
            else told
        end as measured
    from heights_told
),
heights_counted as (
    select
        *,
        {{ month_counts('measured') }}
    from heights_measured
),
heights_fitted as (
    select
        c.*,
        coalesce(k.tier_no, 1000000) as fit_no
    from heights_counted as c
    left join {{ ref('int_catalogue__usage_tiers') }} as k
        on
            c.charge_model = 'capacity'
            and c.price_rule_id = k.price_rule_id
            and coalesce(c.metric_code, '') = k.metric_code
            and c.told > k.from_milli
            and c.told <= k.to_milli
),
heights_placed as (
    select
        *,
        greatest(used - measured, 0) as used_before,
        max(used) over (partition by {{ month }} {{ in_order }} current row) as highest,
        max(fit_no) over (partition by {{ month }} {{ in_order }} current row) as capacity_no,
        max(fit_no) over (partition by {{ month }} {{ in_order }} 1 preceding) as capacity_before_no
    from heights_fitted
),
heights_priced as (
    select
        e.*,
        {{ reached_columns('e', 'e') }},
        a.base_micros as reached_base_micros,
        coalesce(f.base_micros, 0) as flats_micros,
        case
            when e.charge_model = 'graduated' then {{ tier_numerator('e.used', 'a') }} - {{ tier_numerator('e.used_before', 'b') }}
            when e.charge_model = 'volume' then {{ wide_integer('e.measured') }} * coalesce(a.price_micros, 0)
            else {{ wide_integer('e.measured') }} * e.price_micros
        end as level_numerator,
        case
            when e.active_milli is not null then abs(e.active_milli)
            when e.aggregation_type = 'level_time' then {{ seconds_left(place_second('e.consume_place'), 'e.tier_month') }}
            else {{ days_between('e.level_on', add_months_to('e.tier_month', 1)) }}
        end as share_part,
        case
            when e.active_milli is not null then greatest(abs(e.measured), 1)
            when e.aggregation_type = 'level_time' then {{ seconds_of_month('e.tier_month') }}
            else {{ days_between('e.tier_month', add_months_to('e.tier_month', 1)) }}
        end as share_whole,
        n.price_micros as capacity_micros,
        p.price_micros as capacity_before_micros
    from heights_placed as e
    {{ tier_join('a', 'e.used', 'e.has_tiers') }}
    {{ tier_join('b', 'e.used_before', 'e.has_tiers') }}
    {{ tier_join('f', 'e.highest', 'e.is_level and e.has_tiers') }}
    left join {{ ref('int_catalogue__capacity_prices') }} as n
        on e.charge_model = 'capacity' and e.price_rule_id = n.price_rule_id and e.capacity_no = n.tier_no
    left join {{ ref('int_catalogue__capacity_prices') }} as p
        on e.charge_model = 'capacity' and e.price_rule_id = p.price_rule_id and e.capacity_before_no = p.tier_no
),
heights_rounded as (
    select
        *,
        {{ rounded_columns() }},
        abs(level_numerator) * 1000000 * share_part as level_part,
        {{ wide_integer('reached_unit_milli') }} * share_whole as level_whole,
        {{ wide_integer('abs(measured)') }} * 1000 * case when is_level then share_part else 1 end as weight_part,
        {{ wide_integer('1') }} * case when is_level then share_whole else 1 end as weight_whole
    from heights_priced
),
heights_summed as (
    select
        *,
        {{ own_micros() }} as own_micros,
        cast(case when measured < 0 then -1 else 1 end * {{ divide_rounded('weight_part', 'weight_whole', "'half_up'") }} as bigint)
            as weighted,
        sum(case when level_numerator < 0 then -1 else 1 end * {{ divide_rounded('level_part', 'level_whole', "'half_up'") }})
            over (partition by {{ month }} {{ in_order }} current row) as level_sum,
        {{ wide_integer('rounding_step_micros') }} * 1000000 as level_step
    from heights_rounded
),
heights_levels as (
    select
        *,
        case
            when not is_level or used < 0 then 0
            else greatest(0, {{ divide_rounded('level_sum', 'level_step', 'rounding_mode') }} * rounding_step_micros + case
                when charge_model = 'volume' then coalesce(reached_base_micros, 0)
                else flats_micros
            end)
        end as level_micros
    from heights_summed
),
{{ result }} as (
    select
        *,
        cast(case
            when is_of_amount and amount_micros is null then null
            when charge_model = 'capacity' then capacity_micros - coalesce(capacity_before_micros, 0)
            when is_level and charge_model <> 'per_unit' and not is_in_tier and used > 0 then null
            when is_level then level_micros - coalesce(lag(level_micros) over (
                partition by {{ month }} order by consume_place, event_id, wanted_milli
            ), 0)
            else {{ event_micros() }}
        end as bigint) as full_micros,
        {{ share_micros() }} as share_micros,
        case when is_level or charge_model = 'capacity' then 0 else {{ fixed_micros() }} end as fixed_micros
    from heights_levels
)
{% endmacro %}

{# The second that the operator's clock shows at the place of an event. #}
{% macro place_second(consume_place) -%}
{{ integer_divide(local_micros('(' ~ consume_place ~ ' % 10000000000000000)'), '1000000') }}
{%- endmacro %}

{# Seconds from a moment to the end of its month, and of the whole month. #}
{% macro seconds_left(second, month) %}
({{ epoch_seconds('cast(' ~ add_months_to(month, 1) ~ ' as timestamp)') }} - {{ second }})
{% endmacro %}

{% macro seconds_of_month(month) %}
({{ days_between(month, add_months_to(month, 1)) }} * 86400)
{% endmacro %}
