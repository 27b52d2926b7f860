-- what the billing set costs at the approved prices; a month at a time, for allowances run through the month
{{ config(
    materialized='by_period',
    period_column='event_month',
    unit='month',
    inputs=[
        'network_usage', 'rated_usage', 'approved_prices', 'price_rules', 'allowances', 'discounts',
        'destination_zones', 'product_offerings', 'crm_services', 'subscriptions'
    ]
) }}

with

billing_set as (
    select
        1 as rating_set,
        1 as consume_rank,
        *
    from {{ ref('int_usage__billing_set') }}
    where {{ in_window('event_on') }}
),

rated as (
    {{ rate_usage('billing_set', [
        'event_id', 'event_on', 'event_month', 'subscription_id', 'service_code', '_file_hash', '_source_row'
    ]) }}
),

final as (
    select
        event_month,
        event_on,
        event_id,
        subscription_id,
        service_code,
        product_offering_id,
        zone_code,
        price_rule_id,
        allowance_id,
        rated_milli,
        free_milli,
        chargeable_milli,
        discount_ratio,
        charge_micros,
        _file_hash,
        _source_row
    from rated
)

select * from final
