{# Several allowances of a subscription or an account: one after the other by layer_no, each in event order. An
   event asks the allowance of a layer for what those before it left, in whole increments. #}

{# Allowances of one service (or of money) that an account may have in a month; what further ones would pay is held
   (int_billing__allowance_faults). #}
{% macro layer_numbers() %}{{ return([1, 2, 3, 4, 5, 6]) }}{% endmacro %}

{# CTEs layer_0 to the last (money_layer_0 ...) of the layered events of a relation: free_k is what layer k gave,
   rest_k what it left. Units pay wanted_milli, money pays charge_micros. Without is_carried a pool has what its own
   month brought. #}
{% macro allowance_layers(relation, is_money, is_carried=true) %}
{%- set name = 'money_layer_' if is_money else 'layer_' -%}
{{ name }}0 as (
    select
        *,
        {{ 'coalesce(charge_micros, 0)' if is_money else 'wanted_milli' }} as {{ 'rest_money_0' if is_money else 'rest_0' }}
    from {{ relation }}
    where is_layered
)
{%- for layer in layer_numbers() %},
{{ name ~ layer }} as (
    {{ one_layer(name ~ (layer - 1), layer, is_money, is_carried) }}
)
{%- endfor %}
{%- endmacro %}

{% macro one_layer(before, layer, is_money, is_carried) %}
{%- set kind = 'money_' if is_money else '' -%}
{%- set rest = 'rest_' ~ kind ~ (layer - 1) -%}
select
    *,
    {{ rest }} - free_{{ kind ~ layer }} as rest_{{ kind ~ layer }}
from (
    select
        *,
        case
            when pool_{{ kind ~ layer }}_no is null then 0
            else least({{ rest }}, greatest(0, least(asked_{{ kind ~ layer }}, available_{{ kind ~ layer }} - cast(sum(asked_{{ kind ~ layer }}) over (
                partition by tier_set, pool_{{ kind ~ layer }}_no order by consume_place, event_id, {{ rest }}
                rows between unbounded preceding and current row
            ) as bigint) + asked_{{ kind ~ layer }})))
        end as free_{{ kind ~ layer }}
    from (
        select
            e.*,
            m.pool_no as pool_{{ kind ~ layer }}_no,
            m.allowance_id as allowance_{{ kind ~ layer }}_id,
            case
                when m.increment_milli > 0
                    then {{ integer_divide('e.' ~ rest ~ ' + m.increment_milli - 1', 'm.increment_milli') }} * m.increment_milli
                else e.{{ rest }}
            end as asked_{{ kind ~ layer }},
            case
                when m.increment_milli > 0
                    then {{ integer_divide('p.available_units' if is_carried else 'm.granted_units', 'm.increment_milli') }} * m.increment_milli
                else {{ 'p.available_units' if is_carried else 'm.granted_units' }}
            end as available_{{ kind ~ layer }}
        from {{ before }} as e
        left join {{ ref('int_billing__allowance_members') }} as m
            on
                e.call_subscription_id = m.subscription_id
                and e.tier_month = m.granted_month
                and m.layer_no = {{ layer }}
                and {{ 'm.is_money' if is_money else 'not m.is_money' }}
                and e.call_on >= m.held_from_on
                and e.call_on < m.held_to_on
                and coalesce(m.service_code, e.call_service_code) = e.call_service_code
                and coalesce(m.zone_code, e.event_zone_code) = e.event_zone_code
                and coalesce(m.time_band_code = e.term_band_code, m.time_band_code is null)
        {%- if is_carried %}
        left join {{ ref('int_billing__allowance_pools') }} as p on m.pool_no = p.pool_no
        {%- endif %}
    ) as asked
) as given
{%- endmacro %}

{# Which allowances of the layers gave how much, in words; empty where none did. #}
{% macro layers_text() -%}
nullif(concat(
    {%- for layer in layer_numbers() %}
    case when free_{{ layer }} > 0 then concat(', from ', allowance_{{ layer }}_id, ' ', {{ milli_text('free_' ~ layer) }}) else '' end
    {{- '' if loop.last else ',' }}
    {%- endfor %}
), '')
{%- endmacro %}

{% macro money_layers_text() -%}
nullif(concat(
    {%- for layer in layer_numbers() %}
    case when free_money_{{ layer }} > 0 then concat(', less ', {{ amount_text('free_money_' ~ layer) }}, ' from ', allowance_money_{{ layer }}_id) else '' end
    {{- '' if loop.last else ',' }}
    {%- endfor %}
), '')
{%- endmacro %}

{# The first allowance that gave something. #}
{% macro first_allowance(kind) -%}
coalesce(
    {%- for layer in layer_numbers() %}
    case when free_{{ kind ~ layer }} > 0 then allowance_{{ kind ~ layer }}_id end{{ '' if loop.last else ',' }}
    {%- endfor %}
)
{%- endmacro %}
