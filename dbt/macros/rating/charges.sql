{# The charge of an event by itself: quantity times price. #}
{% macro unit_charges(relation) %}
    select
        *,
        case
            when usage_term_no is null then null
            when chargeable_milli = 0 then 0
            else {{ bounded_micros(ratio_micros(
                'chargeable_milli', 'price_micros', 'unit_milli', 'rounding_step_micros', 'narrow_milli'
            )) }}
        end as full_micros
    from {{ relation }}
{% endmacro %}

{# The charge of an event in a month: what the month costs with it less what it costs before it. The charges of
   a month add up to the cost of its quantity exactly, whatever is rounded. #}
{% macro tiered_charges(relation) %}
{%- set month = "partition by tier_set, subscription_no, tier_month, price_rule_id" -%}
    select
        e.*,
        case
            when e.chargeable_milli = 0 then 0
            when a.price_rule_id is null then null
            else {{ bounded_micros(tier_micros('e.used_milli', 'a') ~ " - " ~ tier_micros('e.used_before_milli', 'b')) }}
        end as full_micros
    from (
        select
            *,
            used_milli - chargeable_milli as used_before_milli
        from (
            select
                *,
                cast(sum(chargeable_milli) over (
                    {{ month }} order by consume_place, event_id, wanted_milli
                    rows between unbounded preceding and current row
                ) as bigint) as used_milli,
                cast(sum(chargeable_milli) over ({{ month }}) as bigint) as month_milli
            from {{ relation }}
        ) as summed
    ) as e
    left join {{ ref('int_catalogue__usage_tiers') }} as a
        on
            e.price_rule_id = a.price_rule_id
            and case when a.is_by_total then e.month_milli else e.used_milli end > a.from_milli
            and case when a.is_by_total then e.month_milli else e.used_milli end <= a.to_milli
    left join {{ ref('int_catalogue__usage_tiers') }} as b
        on
            e.price_rule_id = b.price_rule_id
            and case when b.is_by_total then e.month_milli else e.used_before_milli end > b.from_milli
            and case when b.is_by_total then e.month_milli else e.used_before_milli end <= b.to_milli
{% endmacro %}

{# What a quantity of a month costs, in the tier in which it ends; empty beyond the last tier. #}
{% macro tier_micros(quantity, tier) %}
case
    when {{ quantity }} = 0 then 0
    when {{ tier }}.is_stepped then {{ tier }}.base_micros + {{ tier }}.price_micros * {{ integer_divide(
        quantity ~ " - " ~ tier ~ ".start_milli + " ~ tier ~ ".unit_milli - 1", tier ~ ".unit_milli"
    ) }}
    else {{ tier }}.base_micros + cast({{ integer_divide(
        "2 * (" ~ tier ~ ".base_numerator + " ~ wide_integer(quantity ~ " - " ~ tier ~ ".start_milli")
        ~ " * " ~ tier ~ ".price_micros) + " ~ wide_integer(tier ~ ".unit_milli") ~ " * e.rounding_step_micros",
        "2 * " ~ wide_integer(tier ~ ".unit_milli") ~ " * e.rounding_step_micros"
    ) }} * e.rounding_step_micros as bigint)
end
{% endmacro %}

{# Connect fee, then the least and the greatest charge of one event. #}
{% macro bounded_micros(micros) %}
least(greatest({{ micros }} + connect_micros, minimum_micros), coalesce(maximum_micros, 999999999999999999))
{% endmacro %}
