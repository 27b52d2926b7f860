{# numerator / denominator as a multiple of step: whole numbers, none negative, rounded once by a mode that is a
   text of the row (half_up, half_even, up or ceil, down or floor; half_up when empty). #}
{% macro rounded_quotient(numerator, denominator, step, mode) %}
{%- set whole = integer_divide(numerator, wide_integer(denominator) ~ " * " ~ step) -%}
{%- set rest = "(" ~ numerator ~ " - " ~ whole ~ " * " ~ wide_integer(denominator) ~ " * " ~ step ~ ")" -%}
{%- set one = wide_integer(denominator) ~ " * " ~ step -%}
cast((
    {{ whole }} + case
        when {{ rest }} = 0 or {{ mode }} in ('down', 'floor') then 0
        when {{ mode }} in ('up', 'ceil') then 1
        when 2 * {{ rest }} > {{ one }} then 1
        when 2 * {{ rest }} < {{ one }} then 0
        when {{ mode }} = 'half_even' then {{ whole }} % 2
        else 1
    end
) * {{ step }} as bigint)
{% endmacro %}
