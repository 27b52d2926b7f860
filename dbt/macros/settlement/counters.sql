{# Number of the counting period of a day: whole periods since the first day of the first, 0 before it. A period that
   begins on the 31st begins on the last day of a shorter month. #}
{% macro counter_period_no(date_expr, start_expr, months_expr) -%}
greatest(0, {{ integer_divide(
    "greatest(0, " ~ month_number(date_expr) ~ " - " ~ month_number(start_expr) ~ " - case when " ~ date_expr ~ " < "
    ~ day_in_month(month_number(date_expr), "day(" ~ start_expr ~ ")") ~ " then 1 else 0 end)",
    months_expr
) }})
{%- endmacro %}

{# First day of a counting period by its number. #}
{% macro counter_period_from(number_expr, start_expr, months_expr) -%}
{{ day_in_month(month_number(start_expr) ~ " + (" ~ number_expr ~ ") * " ~ months_expr, "day(" ~ start_expr ~ ")") }}
{%- endmacro %}

{# The upper bound of the last tier. #}
{% macro no_end(bound_expr) %}coalesce({{ bound_expr }}, 9000000000000000000){% endmacro %}

{# What a quantity costs with its setup fees: rounded once, half up, to a multiple of step_micros; none is negative. #}
{% macro settled_micros(quantity, price, unit, setup, events, step) -%}
cast({{ integer_divide(
    "2 * (" ~ wide_integer(quantity) ~ " * " ~ price ~ " + " ~ wide_integer(unit) ~ " * " ~ setup ~ " * (" ~ events ~ ")) + "
    ~ wide_integer(unit) ~ " * " ~ step,
    "2 * " ~ wide_integer(unit) ~ " * " ~ step
) }} * {{ step }} as bigint)
{%- endmacro %}

{# A signed whole number times thousand-millionths, rounded half away from zero. #}
{% macro in_billionths(micros, billionths) -%}
cast({{ nearest(wide_integer(micros) ~ " * " ~ billionths, "1000000000") }} as bigint)
{%- endmacro %}

{# The whole number nearest to a quotient, halves away from zero; either may be negative. #}
{% macro nearest(numerator, denominator) -%}
case when ({{ numerator }} < 0) = ({{ denominator }} < 0) then 1 else -1 end * {{ integer_divide(
    "2 * abs(" ~ numerator ~ ") + abs(" ~ denominator ~ ")", "2 * abs(" ~ denominator ~ ")"
) }}
{%- endmacro %}

{# Where a record was delivered, so that the first delivery is the least. #}
{% macro record_place(prefix='') -%}
concat({{ prefix }}_source_file, '|', lpad(cast({{ prefix }}_source_row as string), 12, '0'))
{%- endmacro %}
