{# Whole microseconds since 1970 that the operator's clock shows at a moment, given in microseconds of UTC. #}
{% macro local_micros(micros_expr) %}{{ return(micros_expr if var('time_zone') == 'UTC' else adapter.dispatch('local_micros', 'tieout')(micros_expr)) }}{% endmacro %}
{% macro default__local_micros(micros_expr) %}{{ exceptions.raise_compiler_error("local_micros is not written for this engine") }}{% endmacro %}
{% macro duckdb__local_micros(micros_expr) %}epoch_us(timezone('{{ var("time_zone") }}', timezone('UTC', make_timestamp({{ micros_expr }})))){% endmacro %}
{% macro spark__local_micros(micros_expr) %}unix_micros(from_utc_timestamp(timestamp_micros({{ micros_expr }}), '{{ var("time_zone") }}')){% endmacro %}
