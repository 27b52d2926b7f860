-- what a month of a price measured, who owes its least charge without usage, and what earlier bills of the month held
with

prices as (
    select * from {{ ref('int_catalogue__month_prices') }}
),

months as (
    {{ date_spine(window_from(), add_days(window_to(), -1), 'month') }}
),

bills as (
    select * from {{ ref('stg_billing__interim_bills') }}
    where {{ in_window('usage_month') }}
),

-- who has the price in a month owes its least charge, used or not
holders as (
    select distinct
        m.spine_on as event_month,
        r.subscription_id,
        p.price_rule_id
    from months as m
    inner join {{ ref('int_customers__rating_periods') }} as r
        on r.valid_from_on < {{ add_months_to('m.spine_on', 1) }} and m.spine_on < r.valid_to_on and not r.is_prepaid
    inner join prices as p
        on
            (p.is_flat_owed_unused or p.minimum_period_micros > 0)
            and r.product_offering_id = p.product_offering_id
            and greatest(r.valid_from_on, m.spine_on) < p.valid_to_on
            and least(r.valid_to_on, {{ add_months_to('m.spine_on', 1) }}) > p.valid_from_on
),

sums as (
    select
        event_month,
        subscription_id,
        price_rule_id,
        cast(sum(measured) as bigint) as closing,
        {% for column in [
            'event_count', 'chargeable_milli', 'measured', 'weighted', 'share_micros', 'fixed_micros',
            'discount_micros', 'charge_micros'
        ] %}
        cast(sum(case when is_billed_before then 0 else {{ column }} end) as bigint) as {{ column }},
        {% endfor %}
        cast(sum(case when is_billed_before then measured else 0 end) as bigint) as before_measured,
        cast(sum(case when is_billed_before then charge_micros else 0 end) as bigint) as before_micros
    from {{ ref('int_usage__month_sums') }}
    group by event_month, subscription_id, price_rule_id
),

keys as (
    select event_month, subscription_id, price_rule_id from holders
    union
    select event_month, subscription_id, price_rule_id from sums
),

first_tiers as (
    select
        price_rule_id,
        flat_micros
    from {{ ref('int_catalogue__usage_tiers') }}
    where tier_no = 1 and metric_code = ''
),

units as (
    select
        event_month,
        subscription_id,
        price_rule_id,
        cast(sum(unit_count) as bigint) as unit_count
    from {{ ref('int_usage__tier_parts') }}
    group by event_month, subscription_id, price_rule_id
),

final as (
    select
        k.event_month,
        k.subscription_id,
        p.*,
        coalesce(s.event_count, 0) as event_count,
        coalesce(s.chargeable_milli, 0) as chargeable_milli,
        coalesce(s.measured, 0) as measured,
        coalesce(s.weighted, 0) as weighted,
        coalesce(s.closing, 0) as closing,
        coalesce(s.share_micros, 0) as share_micros,
        coalesce(s.fixed_micros, 0) as fixed_micros,
        coalesce(s.discount_micros, 0) as discount_micros,
        coalesce(s.charge_micros, 0) as usage_micros,
        u.unit_count,
        case
            when not p.is_flat_owed_unused or p.is_level then 0
            when coalesce(b.is_begun, b.price_rule_id is not null) and coalesce(s.before_measured, 0) = 0
                then case when coalesce(s.measured, 0) > 0 then -coalesce(t.flat_micros, 0) else 0 end
            when coalesce(s.closing, 0) = 0 then coalesce(t.flat_micros, 0)
            else 0
        end as unused_micros,
        coalesce({{ to_micros('b.billed_amount') }}, s.before_micros, 0) as before_micros,
        coalesce(b.is_last, true) as is_last
    from keys as k
    inner join prices as p on k.price_rule_id = p.price_rule_id
    left join sums as s
        on k.event_month = s.event_month and k.subscription_id = s.subscription_id and k.price_rule_id = s.price_rule_id
    left join units as u
        on k.event_month = u.event_month and k.subscription_id = u.subscription_id and k.price_rule_id = u.price_rule_id
    left join bills as b
        on k.event_month = b.usage_month and k.subscription_id = b.subscription_id and k.price_rule_id = b.price_rule_id
    left join first_tiers as t on k.price_rule_id = t.price_rule_id and p.has_tiers
)

select * from final
