{# A recurring charge of a charge set on a bill. #}
{% macro recurring_charge_key() -%}
concat(
    charge_set, '|', cast(charge_month as string), '|', subscription_id, '|', product_offering_id, '|',
    charge_code, '|', piece_type, '|', cast(billing_month as string)
)
{%- endmacro %}
