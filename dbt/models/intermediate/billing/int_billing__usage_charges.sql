-- usage by subscription, service and price: from every event where they are kept, else from the sums of a run
with

events as (
    select
        expected_line_key as charge_key, billing_month, account_id, subscription_id, service_code,
        charge_code, priced_zone_code as zone_code,
        max(service_id) as service_id,
        max(price_rule_id) as price_rule_id,
        max(tax_group_code) as tax_group_code,
        cast(sum(rated_quantity) as decimal(18, 3)) as quantity,
        cast(sum(chargeable_quantity) as decimal(18, 3)) as chargeable_quantity,
        cast(sum(charge_micros) as bigint) as charge_micros,
        count(*) as event_count
    from {{ ref('int_billing__rated_events') }}
    where expected_line_key is not null
    group by
        expected_line_key, billing_month, account_id, subscription_id, service_code, charge_code, priced_zone_code
),

subscriptions as (
    select * from {{ ref('int_customers__subscription_accounts') }}
),

tax_groups as (
    select
        price_rule_id,
        max(tax_group_code) as tax_group_code
    from {{ ref('int_catalogue__prices') }}
    group by price_rule_id
),

summed_values as (
    select
        event_month, subscription_id, service_code, tax_group_code, charge_micros as micros, event_count, rated_milli,
        chargeable_milli
    from {{ ref('int_usage__rerated') }}
    where charge_micros is not null
    union all
    select
        s.event_month, s.subscription_id, s.service_code, t.tax_group_code, s.step_micros as micros, 0 as event_count,
        0 as rated_milli, 0 as chargeable_milli
    from {{ ref('int_usage__step_amounts') }} as s
    left join tax_groups as t on s.price_rule_id = t.price_rule_id
),

sums as (
    select
        s.account_id, v.event_month as billing_month, v.subscription_id, v.service_code,
        max(v.tax_group_code) as tax_group_code,
        cast(sum(v.rated_milli) as bigint) as rated_milli,
        cast(sum(v.chargeable_milli) as bigint) as chargeable_milli,
        cast(sum(v.micros) as bigint) as charge_micros,
        cast(sum(v.event_count) as bigint) as event_count
    from summed_values as v
    inner join subscriptions as s on v.subscription_id = s.subscription_id
    left join {{ ref('int_customers__prepaid_subscriptions') }} as x on v.subscription_id = x.subscription_id
    inner join {{ ref('stg_crm__accounts') }} as a on s.account_id = a.account_id
    where
        x.subscription_id is null
        and a.account_type not in ({{ not_charged_accounts() }})
        and {{ 'false' if var('keep_rated_events') else 'true' }}
    group by s.account_id, v.event_month, v.subscription_id, v.service_code
),

-- what a month owes besides its events: least and greatest amounts, fixed amounts without usage, rounding
months as (
    select
        s.account_id, p.event_month as billing_month, p.subscription_id, coalesce(p.service_code, '') as service_code,
        p.charge_code, p.price_rule_id, p.tax_group_code, p.period_micros
    from {{ ref('int_usage__period_charges') }} as p
    inner join subscriptions as s on p.subscription_id = s.subscription_id
    left join {{ ref('int_customers__prepaid_subscriptions') }} as x on p.subscription_id = x.subscription_id
    inner join {{ ref('stg_crm__accounts') }} as a on s.account_id = a.account_id
    where
        x.subscription_id is null
        and a.account_type not in ({{ not_charged_accounts() }})
        and p.period_micros <> 0
),

final as (
    select
        'usage' as line_type, charge_key, billing_month, account_id, subscription_id, service_id,
        service_code, charge_code, zone_code,
        price_rule_id, tax_group_code, quantity, chargeable_quantity, charge_micros, event_count
    from events
    union all
    select
        'minimum' as line_type,
        {{ usage_charge_key('account_id', 'billing_month', 'subscription_id', 'service_code', 'charge_code',
            "concat('month|', price_rule_id)") }} as charge_key,
        billing_month, account_id, subscription_id, cast(null as string) as service_id,
        nullif(service_code, '') as service_code,
        charge_code, cast(null as string) as zone_code, price_rule_id, tax_group_code,
        cast(null as decimal(18, 3)) as quantity, cast(0 as decimal(18, 3)) as chargeable_quantity,
        period_micros as charge_micros, cast(0 as bigint) as event_count
    from months
    union all
    select
        'usage' as line_type,
        {{ usage_charge_key('account_id', 'billing_month', 'subscription_id', 'service_code',
            "concat('USAGE_', upper(service_code))", 'cast(null as string)') }} as charge_key,
        billing_month, account_id, subscription_id, cast(null as string) as service_id, service_code,
        concat('USAGE_', upper(service_code)) as charge_code, cast(null as string) as zone_code,
        cast(null as string) as price_rule_id, tax_group_code,
        {{ from_milli('rated_milli') }} as quantity, {{ from_milli('chargeable_milli') }} as chargeable_quantity,
        charge_micros, event_count
    from sums
)

select * from final
