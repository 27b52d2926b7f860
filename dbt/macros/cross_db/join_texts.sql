{# Distinct texts of a group, in alphabetical order, joined by a comma. #}
{% macro join_texts(expr) %}{{ return(adapter.dispatch('join_texts', 'tieout')(expr)) }}{% endmacro %}
{% macro default__join_texts(expr) %}{{ exceptions.raise_compiler_error("join_texts is not written for this engine") }}{% endmacro %}
{% macro duckdb__join_texts(expr) %}array_to_string(list_sort(list_distinct(list({{ expr }}))), ','){% endmacro %}
{% macro spark__join_texts(expr) %}array_join(array_sort(collect_set({{ expr }})), ','){% endmacro %}
