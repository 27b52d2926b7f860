{# The one shape of all controls. The relation has category, period, value_key and whatever else of the columns
   below the control knows; columns it does not name in has are null. A month in which the control does not run
   (switched off, or without the feeds it needs) keeps its rows with is_reported false: the bridge lists them,
   fct_findings does not. finding_id = md5(control, category, period, value key), so the same input gives the same id. #}
{% macro findings(relation, control_id, has) %}
{%- set columns = {
    'event_at': 'timestamp', 'account_id': 'string', 'subscription_id': 'string', 'partner_id': 'string',
    'expected_micros': 'bigint', 'actual_micros': 'bigint', 'under_micros': 'bigint', 'over_micros': 'bigint',
    'cost_micros': 'bigint', 'timing_micros': 'bigint', 'currency_code': 'string', 'confidence': 'string',
    'severity': 'string', 'match_level': 'string', 'revenue_stream': 'string', 'step_code': 'string',
    'arithmetic': 'string', 'price_rule_id': 'string',
    'left_feed': 'string', 'left_source_file': 'string', 'left_source_row': 'bigint', 'left_file_hash': 'string',
    'left_key': 'string', 'left_record': 'string',
    'right_feed': 'string', 'right_source_file': 'string', 'right_source_row': 'bigint', 'right_file_hash': 'string',
    'right_key': 'string', 'right_record': 'string'
} -%}
{%- set fallback = {
    'expected_micros': '0', 'actual_micros': '0', 'under_micros': '0', 'over_micros': '0', 'cost_micros': '0',
    'timing_micros': '0', 'currency_code': "'" ~ var('currency_code') ~ "'", 'confidence': "'exact'",
    'match_level': "'record'"
} -%}
select
    md5(concat('{{ control_id }}', '|', f.category, '|', cast(f.period as string), '|', f.value_key)) as finding_id,
    '{{ control_id }}' as control_id,
    f.category,
    cast(f.period as date) as period,
    f.value_key,
    {% for column, type in columns.items() -%}
    cast({% if column in has %}{% if column in fallback %}coalesce(f.{{ column }}, {{ fallback[column] }}){% else %}f.{{ column }}{% endif %}{% else %}{{ fallback.get(column, 'null') }}{% endif %} as {{ type }}) as {{ column }},
    {% endfor -%}
    coalesce(s.is_run, true) as is_reported
from {{ relation }} as f
left join {{ ref('int_controls__status') }} as s
    on s.control_id = '{{ control_id }}' and f.period = s.billing_month
{% endmacro %}

{# An amount in micro-units as a person reads it, for arithmetic texts. #}
{% macro amount_text(micros_expr) %}cast({{ from_micros(micros_expr) }} as string){% endmacro %}
{% macro cents_text(micros_expr) %}cast(cast({{ from_micros(micros_expr) }} as decimal(18, 2)) as string){% endmacro %}

{# The UTC hour of a timestamp as 2026-05-01T13. #}
{% macro hour_text(timestamp_expr) %}replace(substring(cast({{ timestamp_expr }} as string), 1, 13), ' ', 'T'){% endmacro %}
