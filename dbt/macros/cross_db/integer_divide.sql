{# Quotient of two non-negative integers, rounded down. #}
{% macro integer_divide(numerator, denominator) %}{{ return(adapter.dispatch('integer_divide', 'tieout')(numerator, denominator)) }}{% endmacro %}
{% macro default__integer_divide(numerator, denominator) %}{{ exceptions.raise_compiler_error("integer_divide is not written for this engine") }}{% endmacro %}
{% macro duckdb__integer_divide(numerator, denominator) %}(({{ numerator }}) // ({{ denominator }})){% endmacro %}
{% macro spark__integer_divide(numerator, denominator) %}(({{ numerator }}) div ({{ denominator }})){% endmacro %}
