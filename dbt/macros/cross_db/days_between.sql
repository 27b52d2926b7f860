{# Whole days from the first date to the second, as an integer. #}
{% macro days_between(from_expr, to_expr) %}{{ return(adapter.dispatch('days_between', 'tieout')(from_expr, to_expr)) }}{% endmacro %}
{% macro default__days_between(from_expr, to_expr) %}{{ exceptions.raise_compiler_error("days_between is not written for this engine") }}{% endmacro %}
{% macro duckdb__days_between(from_expr, to_expr) %}date_diff('day', {{ from_expr }}, {{ to_expr }}){% endmacro %}
{% macro spark__days_between(from_expr, to_expr) %}cast(datediff({{ to_expr }}, {{ from_expr }}) as bigint){% endmacro %}
