{# A date some days later. #}
{% macro add_days(date_expr, days) %}{{ return(adapter.dispatch('add_days', 'tieout')(date_expr, days)) }}{% endmacro %}
{% macro default__add_days(date_expr, days) %}{{ exceptions.raise_compiler_error("add_days is not written for this engine") }}{% endmacro %}
{% macro duckdb__add_days(date_expr, days) %}({{ date_expr }} + cast({{ days }} as integer)){% endmacro %}
{% macro spark__add_days(date_expr, days) %}date_add({{ date_expr }}, cast({{ days }} as int)){% endmacro %}
