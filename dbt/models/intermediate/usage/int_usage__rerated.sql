-- what the billing set costs at the approved prices; a month at a time, for allowances run through the month
-- events that billing charged as expected are kept as sums only: most do, and each would have to be written
{{ config(
    materialized='by_period',
    period_column='event_month',
    unit='month',
    carries_levels=true,
    inputs=[
        'network_usage', 'rated_usage', 'approved_prices', 'price_rules', 'price_tiers', 'allowances',
        'discounts', 'destination_zones', 'time_bands', 'period_calendar', 'product_offerings', 'crm_services', 'subscriptions'
    ]
) }}

with

billing_set as (
    select
        0 as rating_set,
        1 as consume_rank,
        *
    from {{ ref('int_usage__billing_set') }}
    where {{ in_window('event_on') }}
),

rated as (
    {{ rate_usage('billing_set', [
        'event_id', 'event_on', 'service_code', 'charged_micros', 'is_charged'
    ], detailed='tier_set = 0 and ' ~ in_window('event_on')) }}
),

compared as (
    select
        *,
        {{ month_of('event_on') }} as event_month,
        -- without a price there is no charge to compare with, and that is a difference, too
        is_charged and not is_prepaid and coalesce(charge_micros <> charged_micros, true) as is_difference
    from rated
),

grouped as (
    select
        event_month,
        subscription_no,
        service_code,
        tax_group_code,
        is_charged,
        case when is_difference then event_id end as different_event_id,
        case when is_difference then event_on end as event_on,
        count(*) as event_count,
        cast(sum(charge_micros) as bigint) as charge_micros,
        cast(sum(charged_micros) as bigint) as charged_micros,
        cast(sum(rated_milli) as bigint) as rated_milli,
        cast(sum(free_milli) as bigint) as free_milli,
        cast(sum(chargeable_milli) as bigint) as chargeable_milli,
        min(case when not is_charged then event_id end) as first_event_id,
        max(case when is_difference then usage_term_no end) as usage_term_no,
        max(case when is_difference and has_allowance then 1 end) as has_allowance,
        max(case when is_difference then kept_millionths end) as kept_millionths
    from compared
    group by
        event_month, subscription_no, service_code, tax_group_code, is_charged,
        case when is_difference then event_id end,
        case when is_difference then event_on end
),

subscriptions as (
    select distinct
        subscription_no,
        subscription_id
    from {{ ref('int_customers__rating_periods') }}
),

final as (
    select
        g.event_month,
        s.subscription_id,
        g.service_code,
        g.tax_group_code,
        g.is_charged,
        g.different_event_id is not null as is_difference,
        g.event_count,
        g.charge_micros,
        g.charged_micros,
        g.rated_milli,
        g.free_milli,
        g.chargeable_milli,
        g.event_on,
        coalesce(g.different_event_id, g.first_event_id) as event_id,
        t.product_offering_id,
        nullif(t.event_zone_code, '(none)') as zone_code,
        t.price_rule_id,
        t.time_band_code,
        case when g.has_allowance = 1 then t.allowance_id end as allowance_id,
        {{ taken_off('g.kept_millionths') }} as discount_ratio
    from grouped as g
    left join subscriptions as s on g.subscription_no = s.subscription_no
    left join {{ ref('int_catalogue__usage_terms') }} as t on g.usage_term_no = t.usage_term_no
)

select * from final
