{# What rides along with an event through the tables int_usage__detailed_*, for those that read the last of them; the
   rating itself looks at none of it. #}
{% macro event_columns() -%}
event_id, event_on, event_month, subscription_id, service_id, service_code, other_party_number, started_at, quantity,
unit_code, charged_micros, is_charged, record_no, step_no, phase, has_changes_last, is_changed, _source_file, _source_row
{%- endmacro %}
