-- what the events of a month want of an allowance that is rolled over, after those that are used before it
with

wanted as (
    select * from {{ ref('int_usage__detailed_events') }}
    where
        tier_set = 0
        and call_subscription_id in (
            select m.subscription_id
            from {{ ref('int_billing__allowance_members') }} as m
            where m.rollover_count > 0
        )
),

{{ allowance_layers('wanted', is_money=false, is_carried=false) }},

drawn as (
    {% for layer in layer_numbers() -%}
    select pool_{{ layer }}_no as pool_no, asked_{{ layer }} as asked_milli
    from layer_{{ layer }}
    where pool_{{ layer }}_no is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

final as (
    select
        pool_no,
        cast(sum(asked_milli) as bigint) as asked_milli
    from drawn
    group by pool_no
)

select * from final
