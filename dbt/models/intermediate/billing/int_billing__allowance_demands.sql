-- what the events of a month want of an allowance that is rolled over, after those that are used before it
with

events as (
    select
        0 as rating_set,
        1 as consume_rank,
        u.*
    from {{ ref('int_usage__billing_set') }} as u
    inner join (
        select distinct subscription_id
        from {{ ref('int_billing__allowance_members') }}
        where rollover_count > 0
    ) as m on u.subscription_id = m.subscription_id
    where {{ in_window('u.event_on') }}
),

{{ wanted_events('events', ['event_id']) }},

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
