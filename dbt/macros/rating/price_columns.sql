{# Columns that approved prices and configured prices share. #}
{% macro price_columns() %}
price_rule_id, product_offering_id, charge_code, charge_type, service_code, zone_code, charge_model, tier_policy,
price_amount, unit_quantity, first_increment_quantity, next_increment_quantity, connect_amount,
minimum_amount, maximum_amount, rounding_decimals, increment_point, proration_type, charge_timing,
tax_group_code, is_tax_inclusive, rounding_point, gl_account_id, currency_code, valid_from_on, valid_to_on, _source_file, _source_row, _file_hash
{%- endmacro %}
