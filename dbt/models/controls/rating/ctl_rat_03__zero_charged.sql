{% set category -%}
case
    when d.zero_reason_code = 'allowance' then 'ZERO_ALLOWANCE_EMPTY'
    else 'ZERO_NO_REASON'
end
{%- endset %}
with

differences as (
    select * from {{ ref('int_usage__difference_owners') }}
    where control_id = 'RAT-03'
),

prices as (
    select * from {{ ref('int_catalogue__prices') }}
),

found as (
    {{ rating_difference(category) }}
),

final as (
    {{ findings('found', 'RAT-03', rating_difference_columns()) }}
)

select * from final
