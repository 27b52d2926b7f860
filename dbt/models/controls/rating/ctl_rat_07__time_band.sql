-- the time band that billing names is not the one at the local start of the event
{% set category -%}
case
    when coalesce(p.band_rule, 'start') <> 'start' then 'SPLIT_WRONG'
    when h.is_holiday then 'HOLIDAY_MISSED'
    else 'BAND_WRONG'
end
{%- endset %}
{% set calendar -%}
left join {{ ref('stg_billing__period_calendar') }} as h on d.event_on = h.calendar_on
{%- endset %}
with

differences as (
    select * from {{ ref('int_usage__difference_owners') }}
    where control_id = 'RAT-07'
),

prices as (
    select * from {{ ref('int_catalogue__prices') }}
),

found as (
    {{ rating_difference(category, joins=calendar) }}
),

final as (
    {{ findings('found', 'RAT-07', rating_difference_columns()) }}
)

select * from final
