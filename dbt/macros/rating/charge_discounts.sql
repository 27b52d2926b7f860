{# What discounts for single charges leave of them travels with a subscription as |charge=kept|, in millionths. #}

{% macro kept_entry(charge_code, rate_ratio) %}
concat('|', {{ charge_code }}, '=', cast(cast(round((1 - {{ rate_ratio }}) * 1000000, 0) as integer) as string), '|')
{% endmacro %}

{# Millionths that are left of a charge: of its own discount, else of the one for every charge. #}
{% macro kept_of_charge(period, charge_code) %}
case
    when {{ period }}.kept_by_charge is null then {{ period }}.kept_millionths
    else coalesce(
        cast(nullif(split_part(
            split_part({{ period }}.kept_by_charge, concat('|', {{ charge_code }}, '='), 2), '|', 1
        ), '') as integer),
        {{ period }}.kept_millionths
    )
end
{% endmacro %}
