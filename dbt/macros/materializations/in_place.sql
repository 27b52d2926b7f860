{# Tables and views, each put in the place of the one before by one statement inside one transaction: it is there
   whole, or the old one still is. What dbt brings along builds aside, renames twice and drops, and every step asks
   its cache for the relation anew: a fifth of the CPU of a small build. #}

{% materialization table, adapter='duckdb', supported_languages=['sql'] %}
  {%- set target = this.incorporate(type='table') -%}
  {{ run_hooks(pre_hooks) }}
  {%- set before = tieout.drop_before(target) -%}
  {% call statement('main') %}{{ before }}{{ create_table_as(false, target, sql) }}{% endcall %}
  {{ run_hooks(post_hooks) }}
  {{ adapter.commit() }}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
  {%- set target = this.incorporate(type='view') -%}
  {{ run_hooks(pre_hooks) }}
  {%- set before = tieout.drop_before(target) -%}
  {% call statement('main') %}{{ before }}{{ create_view_as(target, sql) }}{% endcall %}
  {{ run_hooks(post_hooks) }}
  {{ adapter.commit() }}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# Drops what stands at a place, table or view; dbt's cache forgets it as well. #}
{% macro drop_before(target) %}
  {%- set existing = load_cached_relation(target) -%}
  {%- if existing is not none -%}
    {%- do adapter.cache_dropped(existing) -%}
    {{- return("drop " ~ existing.type ~ " if exists " ~ existing ~ "; ") -}}
  {%- endif -%}
  {{- return('') -}}
{% endmacro %}
