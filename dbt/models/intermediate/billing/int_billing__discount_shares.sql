-- what each discount takes off each charge of a bill: one after the other, never below zero
with

grants as (
    select * from {{ ref('int_billing__discount_steps') }}
),

discounted as (
    select
        c.charge_key, c.minor_step_micros, c.gross_micros, c.discount_micros as taken_micros, c.chargeable_milli
    from {{ ref('int_billing__charges') }} as c
    inner join (select distinct charge_key from grants) as g on c.charge_key = g.charge_key
),

{{ discount_steps('discounted', 'grants', var('discount_step_count')) }}

shares as (
    select
        g.charge_key,
        g.discount_id,
        g.group_key,
        g.scope_type,
        g.step_no,
        case g.step_no
            {% for step in range(1, var('discount_step_count') + 1) %}when {{ step }} then s.share_{{ step }}
            {% endfor %}
        end as discount_micros
    from grants as g
    inner join state_{{ var('discount_step_count') }} as s on g.charge_key = s.charge_key
),

-- those that are taken as the charge is rated come first
final as (
    select charge_key, discount_id, charge_key as group_key, 'line' as scope_type, 0 as step_no, discount_micros
    from {{ ref('int_billing__charges') }}
    where discount_micros <> 0
    union all
    select charge_key, discount_id, group_key, scope_type, step_no, discount_micros
    from shares
    where discount_micros <> 0 or discount_micros is null
)

select * from final
