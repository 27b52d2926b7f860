{# A subquery of the few values of a column that many records are looked up by.

   DuckDB takes a scan that is cut to some days for a single row, and would build its hash table of the
   records instead of the values, at twice the price. A list that is taken apart again counts as one row, too. #}
{% macro few_values(column, relation, condition) %}{{ return(adapter.dispatch('few_values', 'tieout')(column, relation, condition)) }}{% endmacro %}
{% macro default__few_values(column, relation, condition) %}{{ exceptions.raise_compiler_error("few_values is not written for this engine") }}{% endmacro %}
{% macro duckdb__few_values(column, relation, condition) %}select unnest(listed) from (select list({{ column }}) as listed from {{ relation }} where {{ condition }}) as lists{% endmacro %}
{% macro spark__few_values(column, relation, condition) %}select {{ column }} from {{ relation }} where {{ condition }}{% endmacro %}
