-- the one control that owns each difference of rating: the first cause that can be shown; the rest stays with RAT-01
with

differences as (
    select * from {{ ref('int_usage__rating_differences') }}
    where not is_free_account
),

trials as (
    select
        event_on,
        rated_usage_id,
        trial_code
    from {{ ref('int_usage__charge_trials') }}
    where match_no = 1
),

billed_prices as (
    select
        price_rule_id,
        max(case when zone_code is not null then 1 else 0 end) as has_zone
    from {{ ref('stg_billing__price_rules') }}
    group by price_rule_id
),

held_plans as (
    select
        d.event_on,
        d.rated_usage_id,
        max(case when p.valid_from_on <= d.event_on then 1 else 0 end) as was_held
    from differences as d
    inner join {{ ref('int_customers__plan_periods') }} as p
        on d.subscription_id = p.subscription_id and d.billed_offering_id = p.product_offering_id
    group by d.event_on, d.rated_usage_id
),

judged as (
    select
        d.*,
        t.trial_code,
        h.was_held,
        g.owner_key,
        case
            when d.is_unpriced then 'NO_RATE'
            when d.billed_offering_id <> d.expected_offering_id then 'PLAN'
            when d.billed_zone_code <> d.expected_zone_code then 'ZONE'
            -- a number without a zone was priced by the row for every zone
            when
                d.billed_zone_code is null and d.expected_zone_code is not null and b.has_zone = 0
                and d.billed_price_rule_id <> d.expected_price_rule_id then 'UNZONED'
            when d.billed_band_code <> d.expected_band_code then 'BAND'
            when g.is_validity_fault then 'VALIDITY'
            when g.owner_key is not null then 'PRICE'
            when t.trial_code in ('no_increments', 'no_first_increment', 'no_minimum', 'twice', 'decimal_units')
                then 'UNITS'
            when {{ to_milli('d.billed_allowance_quantity') }} <> d.free_milli then 'ALLOWANCE'
            when d.charged_micros = 0 and d.expected_micros > 0 then 'ZERO'
            else 'REST'
        end as cause
    from differences as d
    left join trials as t on d.event_on = t.event_on and d.rated_usage_id = t.rated_usage_id
    left join {{ ref('int_usage__configuration_causes') }} as g
        on d.event_on = g.event_on and d.rated_usage_id = g.rated_usage_id
    left join billed_prices as b on d.billed_price_rule_id = b.price_rule_id
    left join held_plans as h on d.event_on = h.event_on and d.rated_usage_id = h.rated_usage_id
),

final as (
    select
        *,
        case cause
            when 'PLAN' then 'RAT-02'
            when 'ZONE' then 'RAT-06'
            when 'UNZONED' then 'RAT-06'
            when 'BAND' then 'RAT-07'
            when 'VALIDITY' then 'POM-07'
            when 'PRICE' then 'POM-01'
            when 'UNITS' then 'RAT-05'
            when 'ALLOWANCE' then 'RAT-04'
            when 'ZERO' then 'RAT-03'
            else 'RAT-01'
        end as control_id
    from judged
)

select * from final
