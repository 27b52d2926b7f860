{# Order of the bridge's steps (BRIDGE.md). #}
{% macro bridge_steps() %}
{{ return([
    ('expected', 0), ('lost_before_rating', 1), ('not_in_billing', 2), ('suspense', 3), ('billing_only', 4),
    ('rating', 5), ('timing', 6), ('not_invoiced', 7), ('invoicing', 8), ('billed', 99)
]) }}
{% endmacro %}
