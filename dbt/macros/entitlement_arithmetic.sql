{# How an entitlement difference of some days becomes an amount. #}
{% macro entitlement_arithmetic(days, micros) %}
concat(
    'network and CRM grant ', cast(entitled_days as string), ' days, billing has ', cast(billed_days as string),
    '; ', cast({{ days }} as string), ' of ', cast(month_day_count as string), ' days at ',
    {{ cents_text('price_micros') }}, ' a month, net of discounts ', {{ cents_text(micros) }}
)
{% endmacro %}
