{# Columns in which a configured price row may differ from the approved one, by the category of the difference. #}
{% macro compared_columns(category) %}
{%- set validity = ['valid_from_on', 'valid_to_on'] -%}
{%- set rounding = ['first_increment_quantity', 'next_increment_quantity', 'increment_rounding_decimals',
                    'rounding_decimals', 'rounding_mode', 'increment_point', 'rounding_point'] -%}
{%- set aside = ['price_rule_id', 'gl_account_id', '_source_file', '_source_row', '_file_hash'] -%}
{%- set found = [] -%}
{%- for part in price_columns().split(',') -%}
  {%- set column = part | trim -%}
  {%- set belongs = 'VALIDITY_DIFF' if column in validity else 'ROUNDING_DIFF' if column in rounding else 'RATE_DIFF' -%}
  {%- if column not in aside and category in (belongs, 'all') -%}{%- do found.append(column) -%}{%- endif -%}
{%- endfor -%}
{{ return(found) }}
{% endmacro %}

{# Whether any of the columns differs between a (approved) and c (configured). #}
{% macro any_differs(columns) %}
({% for column in columns %}coalesce(cast(a.{{ column }} as string), '') <> coalesce(cast(c.{{ column }} as string), ''){% if not loop.last %}
    or {% endif %}{% endfor %})
{%- endmacro %}

{# What a price row prices, as one text. #}
{% macro priced_thing() %}
concat(
    product_offering_id, '|', charge_type, '|', charge_code, '|', coalesce(service_code, ''), '|',
    coalesce(zone_code, ''), '|', coalesce(time_band_code, '')
)
{%- endmacro %}
