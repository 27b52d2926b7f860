{# Opens a statement whose first relation reads itself, step by step, however many steps there are. #}
{% macro with_recursive(name) %}{{ return(adapter.dispatch('with_recursive', 'tieout')(name)) }}{% endmacro %}
{% macro default__with_recursive(name) %}{{ exceptions.raise_compiler_error("with_recursive is not written for this engine") }}{% endmacro %}
{% macro duckdb__with_recursive(name) %}with recursive {{ name }} as{% endmacro %}
{% macro spark__with_recursive(name) %}with recursive {{ name }} max recursion level 100000000 as{% endmacro %}
