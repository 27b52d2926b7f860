{# A JSON object of texts from a dict of name: expression; nulls become empty texts. #}
{% macro json_record(fields) %}{{ return(adapter.dispatch('json_record', 'tieout')(fields)) }}{% endmacro %}
{% macro default__json_record(fields) %}{{ exceptions.raise_compiler_error("json_record is not written for this engine") }}{% endmacro %}
{% macro duckdb__json_record(fields) %}cast(json_object({% for name, expr in fields.items() %}'{{ name }}', coalesce(cast({{ expr }} as string), ''){% if not loop.last %}, {% endif %}{% endfor %}) as string){% endmacro %}
{% macro spark__json_record(fields) %}to_json(named_struct({% for name, expr in fields.items() %}'{{ name }}', coalesce(cast({{ expr }} as string), ''){% if not loop.last %}, {% endif %}{% endfor %})){% endmacro %}
