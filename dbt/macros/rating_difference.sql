{# A finding for each rated event that is charged otherwise than expected: d is a row of differences, p its price row. #}
{% macro rating_difference(category, joins='') %}
    select
        {{ category }} as category,
        d.event_month as period,
        d.rated_usage_id as value_key,
        d.started_at as event_at,
        d.account_id,
        d.subscription_id,
        d.expected_micros,
        d.charged_micros as actual_micros,
        greatest(d.expected_micros - d.charged_micros, 0) as under_micros,
        greatest(d.charged_micros - d.expected_micros, 0) as over_micros,
        d.currency_code,
        'usage' as revenue_stream,
        'rating' as step_code,
        {{ rating_arithmetic() }} as arithmetic,
        d.expected_price_rule_id as price_rule_id,
        'rated_usage' as right_feed,
        d._source_file as right_source_file,
        d._source_row as right_source_row,
        d._file_hash as right_file_hash,
        d.rated_usage_id as right_key,
        {{ rated_record() }} as right_record
    from differences as d
    left join prices as p on d.expected_price_rule_id = p.price_rule_id
    {{ joins }}
{%- endmacro %}

{# The columns that such findings fill. #}
{% macro rating_difference_columns() %}
{{ return([
    'event_at', 'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'under_micros', 'over_micros',
    'currency_code', 'revenue_stream', 'step_code', 'arithmetic', 'price_rule_id',
    'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
]) }}
{% endmacro %}
