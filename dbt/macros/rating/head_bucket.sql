{# The bucket of a nine-digit number head: its first five digits. #}
{% macro head_bucket(head) %}{{ integer_divide(head, "10000") }}{% endmacro %}
