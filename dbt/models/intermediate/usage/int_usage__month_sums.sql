-- what the months of prices that depend on the month measure and cost, rated as int_usage__rerated does
{{ config(
    materialized='by_period',
    period_column='event_month',
    unit='month',
    carries_levels=true,
    inputs=[
        'network_usage', 'rated_usage', 'approved_prices', 'price_rules', 'price_tiers', 'allowances',
        'discounts', 'destination_zones', 'time_bands', 'period_calendar', 'product_offerings', 'crm_services', 'subscriptions',
        'interim_bills'
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
    {% set columns = ['event_id', 'event_on', 'subscription_id', 'service_code', 'started_at'] %}
    {{ rate_events('billing_set', columns, by_month_only=true) }}
    union all
    {{ rate_details('tier_set = 0 and ' ~ in_window('event_on'), columns, with_parts=true) }}
),

final as (
    select
        {{ month_of('r.event_on') }} as event_month,
        r.subscription_id,
        r.price_rule_id,
        r.service_code,
        coalesce(i.billed_until_at is not null and r.started_at < i.billed_until_at, false) as is_billed_before,
        count(*) as event_count,
        cast(sum(case when r.charge_micros is null then 1 else 0 end) as bigint) as unpriced_count,
        cast(sum(r.chargeable_milli) as bigint) as chargeable_milli,
        cast(sum(r.measured) as bigint) as measured,
        cast(sum(r.weighted) as bigint) as weighted,
        cast(sum(r.share_micros) as bigint) as share_micros,
        cast(sum(r.fixed_micros) as bigint) as fixed_micros,
        cast(sum(r.full_micros - r.charge_micros) as bigint) as discount_micros,
        cast(sum(r.charge_micros) as bigint) as charge_micros
    from rated as r
    left join {{ ref('stg_billing__interim_bills') }} as i
        on
            r.subscription_id = i.subscription_id
            and r.price_rule_id = i.price_rule_id
            and {{ month_of('r.event_on') }} = i.usage_month
    where
        not r.is_prepaid
        and r.price_rule_id in (select p.price_rule_id from {{ ref('int_catalogue__month_prices') }} as p)
    group by
        {{ month_of('r.event_on') }}, r.subscription_id, r.price_rule_id, r.service_code,
        coalesce(i.billed_until_at is not null and r.started_at < i.billed_until_at, false)
)

select * from final
