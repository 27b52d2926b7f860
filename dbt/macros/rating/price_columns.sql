{# Columns that approved prices and configured prices share. #}
{% macro price_columns() %}
price_rule_id, product_offering_id, charge_code, charge_type, service_code, zone_code, time_band_code, charge_model,
tier_policy, tier_basis, increment_rounding_decimals, band_rule, maximum_rule,
price_amount, unit_quantity, first_increment_quantity, next_increment_quantity, connect_amount,
minimum_amount, maximum_amount, rounding_decimals, increment_point, proration_type, charge_timing,
factor_decimals, fixed_day_count, period_unit, period_count, period_alignment, trial_day_count,
is_charged_while_suspended, early_end_rule, credit_limit_type,
rate_ratio, free_event_count, free_amount, aggregation_type, is_flat_owed_unused, minimum_period_amount,
maximum_period_amount, rounding_mode, period_rounding_decimals, quantity_rounding_mode,
tax_group_code, is_tax_inclusive, rounding_point, gl_account_id, currency_code, valid_from_on, valid_to_on, _source_file, _source_row, _file_hash
{%- endmacro %}

{# Whether a price (p) charges an event span by span. #}
{% macro is_by_call() %}(p.tier_basis = 'event' or p.increment_rounding_decimals is not null or p.band_rule <> 'start'){% endmacro %}
