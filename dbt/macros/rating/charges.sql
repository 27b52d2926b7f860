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

{# Connect fee, then the least and the greatest charge of one event. #}
{% macro bounded_micros(micros) %}
least(greatest({{ micros }} + connect_micros, minimum_micros), coalesce(maximum_micros, 999999999999999999))
{% endmacro %}

{# A bound of a tier in the unit of what is measured: thousandths of base units, or micro-units of an amount. #}
{% macro tier_bound(bound) %}
case when p.charge_model = 'graduated_percentage' then {{ to_micros(bound) }} else {{ to_milli(bound) }} end
{% endmacro %}
