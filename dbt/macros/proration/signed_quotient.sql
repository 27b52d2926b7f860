{# The quotient of two whole numbers, rounded by a mode that is a column: half_up and half_even look at the amount
   without its sign, up and down go away from zero and towards it, ceil and floor by the sign. #}
{% macro signed_quotient(numerator, denominator, mode) %}
{%- set whole = integer_divide("abs(" ~ numerator ~ ")", denominator) -%}
{%- set rest = "(abs(" ~ numerator ~ ") % (" ~ denominator ~ "))" -%}
case when {{ numerator }} < 0 then -1 else 1 end * (
    {{ whole }} + case
        when {{ rest }} = 0 then 0
        when {{ mode }} = 'up' then 1
        when {{ mode }} = 'down' then 0
        when {{ mode }} = 'ceil' then case when {{ numerator }} > 0 then 1 else 0 end
        when {{ mode }} = 'floor' then case when {{ numerator }} < 0 then 1 else 0 end
        when 2 * {{ rest }} > ({{ denominator }}) then 1
        when 2 * {{ rest }} < ({{ denominator }}) then 0
        when {{ mode }} = 'half_even' then {{ whole }} % 2
        else 1
    end
)
{%- endmacro %}
