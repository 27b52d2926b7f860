-- the zone that billing names is not that of the longest prefix of the number called
{% set category -%}
case
    -- satellite networks have country codes of their own (ITU-T E.164)
    when
        substring(d.other_party_number, 1, 3) in ('870', '881', '882', '883')
        and d.cause = 'ZONE' then 'SAT_AS_LOCAL'
    when d.cause = 'UNZONED' then 'PREFIX_UNKNOWN'
    else 'ZONE_WRONG'
end
{%- endset %}
with

differences as (
    select * from {{ ref('int_usage__difference_owners') }}
    where control_id = 'RAT-06'
),

prices as (
    select * from {{ ref('int_catalogue__prices') }}
),

found as (
    {{ rating_difference(category) }}
),

final as (
    {{ findings('found', 'RAT-06', rating_difference_columns()) }}
)

select * from final
