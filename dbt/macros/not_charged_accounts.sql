{# Account types that are not expected to be billed: their value is listed in the bridge, never a finding. #}
{% macro not_charged_accounts() %}'staff', 'test'{% endmacro %}
