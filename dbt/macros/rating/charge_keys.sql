{# Keys of charges: texts that name the account, the month and what is charged, the same in every build. #}

{% macro usage_charge_key(account, month, subscription, service, charge_code, zone) %}
concat(
    {{ account }}, '|', cast({{ month }} as string), '|usage|', {{ subscription }}, '|', {{ service }}, '|',
    coalesce({{ charge_code }}, ''), '|', coalesce({{ zone }}, '')
)
{% endmacro %}

{# What decides how a charge is taxed: those of one class on a bill are taxed alike. #}
{% macro tax_class_key(c) %}
concat(
    {{ c }}.account_id, '|', cast({{ c }}.billing_month as string), '|', coalesce({{ c }}.tax_group_code, ''), '|',
    case when {{ c }}.is_tax_inclusive then 'incl' else 'excl' end, '|', {{ c }}.rounding_point, '|',
    cast({{ c }}.service_end_on as string)
)
{% endmacro %}
