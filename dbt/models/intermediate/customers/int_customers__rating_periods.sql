-- plan and usage discount of a subscription in the window, cut where either changes: one look-up for an event
with

plans as (
    select subscription_id, account_id, product_offering_id, valid_from_on, valid_to_on
    from {{ ref('int_customers__plan_periods') }}
),

discounts as (
    select * from {{ ref('int_billing__percent_discounts') }}
    where charge_type = 'usage' and charge_code is null
),

charge_discounts as (
    select * from {{ ref('int_customers__charge_discounts') }}
),

-- every subscription that anybody knows has a row for every day of the window, if without a plan
subscriptions as (
    select subscription_id from {{ ref('int_customers__service_owners') }}
    union
    select subscription_id from plans
    union
    select subscription_id from {{ ref('int_customers__prepaid_subscriptions') }}
),

-- where allowances are rolled over the months before the window count as well
earlier as (
    select p.subscription_id, min(e.granted_month) as from_on
    from plans as p
    inner join {{ ref('int_billing__earlier_allowance_months') }} as e on p.account_id = e.account_id
    group by p.subscription_id
),

borders as (
    select subscription_id, from_on as border_on from earlier
    union
    select subscription_id, {{ window_from() }} as border_on from subscriptions
    union
    select subscription_id, {{ window_to() }} as border_on from subscriptions
    union
    {% for periods in ['plans', 'discounts', 'charge_discounts'] %}
    {% for border in ['valid_from_on', 'valid_to_on'] %}
    select p.subscription_id, p.{{ border }} as border_on
    from {{ periods }} as p
    left join earlier as e on p.subscription_id = e.subscription_id
    where p.{{ border }} >= coalesce(e.from_on, {{ window_from() }}) and p.{{ border }} < {{ window_to() }}
    {% if not loop.last %}union{% endif %}
    {% endfor %}
    {% if not loop.last %}union{% endif %}
    {% endfor %}
),

pieces as (
    select
        subscription_id, border_on as valid_from_on,
        lead(border_on) over (partition by subscription_id order by border_on) as valid_to_on
    from borders
),

-- a discount for the plan itself wins over one for every plan
ranked as (
    select
        x.subscription_id, x.valid_from_on, x.valid_to_on, p.product_offering_id, d.rate_ratio,
        row_number() over (
            partition by x.subscription_id, x.valid_from_on
            order by case when d.product_offering_id is null then 1 else 0 end, d.discount_id
        ) as discount_rank
    from pieces as x
    left join plans as p
        on
            x.subscription_id = p.subscription_id
            and x.valid_from_on >= p.valid_from_on
            and x.valid_from_on < p.valid_to_on
    left join discounts as d
        on
            x.subscription_id = d.subscription_id
            and x.valid_from_on >= d.valid_from_on
            and x.valid_from_on < d.valid_to_on
            and coalesce(d.product_offering_id, p.product_offering_id) = p.product_offering_id
    where x.valid_to_on is not null
),

offerings as (
    select product_offering_id, offering_no, bool_or(is_by_call) as is_by_call, bool_or(is_banded) as is_banded
    from {{ ref('int_catalogue__usage_terms') }}
    group by product_offering_id, offering_no
),

layered as (
    select distinct subscription_id from {{ ref('int_billing__allowance_members') }}
    where is_layered
),

final as (
    select
        p.subscription_id,
        cast(dense_rank() over (order by p.subscription_id) as integer) as subscription_no,
        p.valid_from_on, p.valid_to_on, p.product_offering_id, o.offering_no,
        cast(round((1 - p.rate_ratio) * 1000000, 0) as integer) as kept_millionths,
        k.kept_by_charge,
        b.subscription_id is not null as is_prepaid,
        coalesce(o.is_banded, false) as is_banded,
        coalesce(o.is_by_call, false) or y.subscription_id is not null as is_detailed,
        y.subscription_id is not null as is_layered
    from ranked as p
    left join charge_discounts as k
        on
            p.subscription_id = k.subscription_id
            and p.valid_from_on >= k.valid_from_on
            and p.valid_from_on < k.valid_to_on
    left join offerings as o on p.product_offering_id = o.product_offering_id
    left join {{ ref('int_customers__prepaid_subscriptions') }} as b on p.subscription_id = b.subscription_id
    left join layered as y on p.subscription_id = y.subscription_id
    where p.discount_rank = 1
)

select * from final
