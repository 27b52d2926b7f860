-- what usage discounts for single charges leave of them, cut where one of them or the plan changes
with

discounts as (
    select * from {{ ref('int_billing__percent_discounts') }}
    where charge_type = 'usage' and charge_code is not null
),

plans as (
    select p.*
    from {{ ref('int_customers__plan_periods') }} as p
    inner join (select distinct subscription_id from discounts) as d on p.subscription_id = d.subscription_id
),

borders as (
    {% for periods in ['plans', 'discounts'] %}
    select subscription_id, greatest(valid_from_on, {{ window_from() }}) as border_on from {{ periods }}
    where valid_from_on < {{ window_to() }}
    union
    select subscription_id, least(valid_to_on, {{ window_to() }}) as border_on from {{ periods }}
    where valid_to_on > {{ window_from() }}
    {% if not loop.last %}union{% endif %}
    {% endfor %}
),

pieces as (
    select
        subscription_id,
        border_on as valid_from_on,
        lead(border_on) over (partition by subscription_id order by border_on) as valid_to_on
    from borders
),

-- a discount for the plan itself wins over one for every plan
ranked as (
    select
        x.subscription_id,
        x.valid_from_on,
        x.valid_to_on,
        d.charge_code,
        d.rate_ratio,
        row_number() over (
            partition by x.subscription_id, x.valid_from_on, d.charge_code
            order by case when d.product_offering_id is null then 1 else 0 end, d.discount_id
        ) as discount_rank
    from pieces as x
    inner join plans as p
        on
            x.subscription_id = p.subscription_id
            and x.valid_from_on >= p.valid_from_on
            and x.valid_from_on < p.valid_to_on
    inner join discounts as d
        on
            x.subscription_id = d.subscription_id
            and x.valid_from_on >= d.valid_from_on
            and x.valid_from_on < d.valid_to_on
            and coalesce(d.product_offering_id, p.product_offering_id) = p.product_offering_id
    where x.valid_to_on is not null
),

final as (
    select
        subscription_id,
        valid_from_on,
        valid_to_on,
        {{ join_texts(kept_entry('charge_code', 'rate_ratio')) }} as kept_by_charge
    from ranked
    where discount_rank = 1
    group by subscription_id, valid_from_on, valid_to_on
)

select * from final
