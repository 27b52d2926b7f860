{# Keys of charges: texts that name the account, the month and what is charged, the same in every build. #}

{% macro usage_charge_key(account, month, subscription, service, charge_code, zone) %}
concat(
    {{ account }}, '|', cast({{ month }} as string), '|usage|', {{ subscription }}, '|', {{ service }}, '|',
    coalesce({{ charge_code }}, ''), '|', coalesce({{ zone }}, '')
)
{% endmacro %}
