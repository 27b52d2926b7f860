{# Whole seconds since 1970 of a UTC timestamp; fractions are cut off. #}
{% macro epoch_seconds(timestamp_expr) %}{{ return(adapter.dispatch('epoch_seconds', 'tieout')(timestamp_expr)) }}{% endmacro %}
{% macro default__epoch_seconds(timestamp_expr) %}{{ exceptions.raise_compiler_error("epoch_seconds is not written for this engine") }}{% endmacro %}
{% macro duckdb__epoch_seconds(timestamp_expr) %}(epoch_ms({{ timestamp_expr }}) // 1000){% endmacro %}
{% macro spark__epoch_seconds(timestamp_expr) %}unix_seconds({{ timestamp_expr }}){% endmacro %}
