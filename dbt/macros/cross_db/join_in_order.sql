{# Texts of a group in the order of a whole number, joined by a comma. #}
{% macro join_in_order(expr, order_expr) %}{{ return(adapter.dispatch('join_in_order', 'tieout')(expr, order_expr)) }}{% endmacro %}
{% macro default__join_in_order(expr, order_expr) %}{{ exceptions.raise_compiler_error("join_in_order is not written for this engine") }}{% endmacro %}
{% macro duckdb__join_in_order(expr, order_expr) %}string_agg({{ expr }}, ', ' order by {{ order_expr }}){% endmacro %}
{% macro spark__join_in_order(expr, order_expr) %}array_join(transform(array_sort(collect_list(named_struct('place', {{ order_expr }}, 'said', {{ expr }}))), one -> one.said), ', '){% endmacro %}
