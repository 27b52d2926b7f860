{# In a select list: a row for every integer from the first to the last, both inclusive. #}
{% macro each_integer(from_expr, to_expr) %}{{ return(adapter.dispatch('each_integer', 'tieout')(from_expr, to_expr)) }}{% endmacro %}
{% macro default__each_integer(from_expr, to_expr) %}{{ exceptions.raise_compiler_error("each_integer is not written for this engine") }}{% endmacro %}
{% macro duckdb__each_integer(from_expr, to_expr) %}unnest(range({{ from_expr }}, {{ to_expr }} + 1)){% endmacro %}
{% macro spark__each_integer(from_expr, to_expr) %}explode(sequence({{ from_expr }}, {{ to_expr }})){% endmacro %}
