{# One row a day (or first of month) from the first to the last date, both inclusive; column spine_on. #}
{% macro date_spine(from_expr, to_expr, unit='day') %}{{ return(adapter.dispatch('date_spine', 'tieout')(from_expr, to_expr, unit)) }}{% endmacro %}
{% macro default__date_spine(from_expr, to_expr, unit) %}{{ exceptions.raise_compiler_error("date_spine is not written for this engine") }}{% endmacro %}
{% macro duckdb__date_spine(from_expr, to_expr, unit) %}
select cast(unnest(generate_series({{ from_expr }}, {{ to_expr }}, interval 1 {{ unit }})) as date) as spine_on
{% endmacro %}
{% macro spark__date_spine(from_expr, to_expr, unit) %}
select explode(sequence({{ from_expr }}, {{ to_expr }}, interval 1 {{ unit }})) as spine_on
{% endmacro %}
