{# Severity by share of the stream's monthly revenue: over 10 basis points S1, 2 S2, 0.2 S3, else S4 (DOMAIN 3). #}
{% macro severity_of(amount_micros, revenue_micros) %}
case
    when {{ amount_micros }} = 0 then 'S4'
    when cast({{ amount_micros }} as decimal(38, 0)) * 1000 > {{ revenue_micros }} then 'S1'
    when cast({{ amount_micros }} as decimal(38, 0)) * 5000 > {{ revenue_micros }} then 'S2'
    when cast({{ amount_micros }} as decimal(38, 0)) * 50000 > {{ revenue_micros }} then 'S3'
    else 'S4'
end
{% endmacro %}
