{# Whole microseconds since 1970 of a UTC timestamp. #}
{% macro epoch_micros(timestamp_expr) %}{{ return(adapter.dispatch('epoch_micros', 'tieout')(timestamp_expr)) }}{% endmacro %}
{% macro default__epoch_micros(timestamp_expr) %}{{ exceptions.raise_compiler_error("epoch_micros is not written for this engine") }}{% endmacro %}
{% macro duckdb__epoch_micros(timestamp_expr) %}epoch_us({{ timestamp_expr }}){% endmacro %}
{% macro spark__epoch_micros(timestamp_expr) %}unix_micros({{ timestamp_expr }}){% endmacro %}
