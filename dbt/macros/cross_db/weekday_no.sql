{# 1 Monday to 7 Sunday. #}
{% macro weekday_no(date_expr) %}{{ return(adapter.dispatch('weekday_no', 'tieout')(date_expr)) }}{% endmacro %}
{% macro default__weekday_no(date_expr) %}{{ exceptions.raise_compiler_error("weekday_no is not written for this engine") }}{% endmacro %}
{% macro duckdb__weekday_no(date_expr) %}isodow({{ date_expr }}){% endmacro %}
{% macro spark__weekday_no(date_expr) %}(weekday({{ date_expr }}) + 1){% endmacro %}
