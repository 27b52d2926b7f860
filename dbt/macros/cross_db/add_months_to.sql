{# The first day of a month some months later; the argument is a first of month. #}
{% macro add_months_to(month_expr, months) %}{{ return(adapter.dispatch('add_months_to', 'tieout')(month_expr, months)) }}{% endmacro %}
{% macro default__add_months_to(month_expr, months) %}{{ exceptions.raise_compiler_error("add_months_to is not written for this engine") }}{% endmacro %}
{% macro duckdb__add_months_to(month_expr, months) %}cast({{ month_expr }} + to_months(cast({{ months }} as integer)) as date){% endmacro %}
{% macro spark__add_months_to(month_expr, months) %}add_months({{ month_expr }}, cast({{ months }} as int)){% endmacro %}
