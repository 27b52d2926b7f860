{# An exact integer wide enough for the product of a quantity and a price (about 10^30). #}
{% macro wide_integer(expr) %}{{ return(adapter.dispatch('wide_integer', 'tieout')(expr)) }}{% endmacro %}
{% macro default__wide_integer(expr) %}{{ exceptions.raise_compiler_error("wide_integer is not written for this engine") }}{% endmacro %}
{% macro duckdb__wide_integer(expr) %}cast({{ expr }} as hugeint){% endmacro %}
{% macro spark__wide_integer(expr) %}cast({{ expr }} as decimal(38, 0)){% endmacro %}
