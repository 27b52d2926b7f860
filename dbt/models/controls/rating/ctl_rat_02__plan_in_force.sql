-- the plan that billing names on the event is not the one in force when the event began
{% set category -%}
case
    when d.was_held = 1 then 'PLAN_STALE'
    when d.was_held = 0 then 'PLAN_FUTURE'
    else 'PLAN_NOT_OWNED'
end
{%- endset %}
with

differences as (
    select * from {{ ref('int_usage__difference_owners') }}
    where control_id = 'RAT-02'
),

prices as (
    select * from {{ ref('int_catalogue__prices') }}
),

found as (
    {{ rating_difference(category) }}
),

final as (
    {{ findings('found', 'RAT-02', rating_difference_columns()) }}
)

select * from final
