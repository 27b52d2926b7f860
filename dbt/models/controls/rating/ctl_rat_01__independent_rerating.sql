-- what no other control can show the cause of: see int_usage__difference_owners and decision 0029
{% set category -%}
case
    when d.is_unpriced then 'NO_RATE'
    when
        d.charged_micros % 10000 = 0 and d.expected_micros % 10000 <> 0
        and abs(d.expected_micros - d.charged_micros) < 10000 then 'ROUNDING'
    when d.expected_micros > d.charged_micros then 'UNDER_RATED'
    else 'OVER_RATED'
end
{%- endset %}
with

differences as (
    select * from {{ ref('int_usage__difference_owners') }}
    where control_id = 'RAT-01'
),

prices as (
    select * from {{ ref('int_catalogue__prices') }}
),

found as (
    {{ rating_difference(category) }}
),

final as (
    {{ findings('found', 'RAT-01', rating_difference_columns()) }}
)

select * from final
