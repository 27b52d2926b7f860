-- what the billing set costs at the approved prices; a month at a time, for allowances run through the month
-- events that billing charged as expected are kept as sums only: most do, and each would have to be written
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
        0 as rating_set,
        1 as consume_rank,
        *
    from {{ ref('int_usage__billing_set') }}
    where {{ in_window('event_on') }}
),

rated as (
    {{ rate_usage('billing_set', [
        'event_id', 'event_on', 'service_code', 'charged_micros', 'is_charged', '_file_hash', '_source_row'
    ]) }}
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
        unknown_subscription_id,
        service_code,
        tax_group_code,
        is_difference,
        case when is_difference then event_on end as event_on,
        case when is_difference then _file_hash end as _file_hash,
        case when is_difference then _source_row end as _source_row,
        count(*) as event_count,
        cast(sum(charge_micros) as bigint) as charge_micros,
        cast(sum(charged_micros) as bigint) as charged_micros,
        cast(sum(rated_milli) as bigint) as rated_milli,
        cast(sum(free_milli) as bigint) as free_milli,
        cast(sum(chargeable_milli) as bigint) as chargeable_milli,
        min(case when is_difference or not is_charged then event_id end) as event_id,
        max(case when is_difference then product_offering_id end) as product_offering_id,
        max(case when is_difference then zone_code end) as zone_code,
        max(case when is_difference then price_rule_id end) as price_rule_id,
        max(case when is_difference then allowance_id end) as allowance_id,
        max(case when is_difference then discount_ratio end) as discount_ratio
    from compared
    group by
        event_month, subscription_no, unknown_subscription_id, service_code, tax_group_code, is_difference,
        case when is_difference then event_on end,
        case when is_difference then _file_hash end,
        case when is_difference then _source_row end
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
        coalesce(s.subscription_id, g.unknown_subscription_id) as subscription_id,
        g.service_code,
        g.tax_group_code,
        g.is_difference,
        g.event_count,
        g.charge_micros,
        g.charged_micros,
        g.rated_milli,
        g.free_milli,
        g.chargeable_milli,
        g.event_on,
        g.event_id,
        g.product_offering_id,
        g.zone_code,
        g.price_rule_id,
        g.allowance_id,
        g.discount_ratio,
        g._file_hash,
        g._source_row
    from grouped as g
    left join subscriptions as s on g.subscription_no = s.subscription_no
)

select * from final
