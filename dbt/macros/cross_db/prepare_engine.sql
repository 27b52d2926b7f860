{# What an engine needs before the first model runs. #}
{% macro prepare_engine() %}{{ return(adapter.dispatch('prepare_engine', 'tieout')()) }}{% endmacro %}
{% macro default__prepare_engine() %}{{ exceptions.raise_compiler_error("prepare_engine is not written for this engine") }}{% endmacro %}
{% macro duckdb__prepare_engine() %}
create table if not exists {{ target.schema }}._by_period (model varchar, code varchar, period_on date, fingerprint varchar)
{% endmacro %}
{% macro spark__prepare_engine() %}select 1{% endmacro %}
