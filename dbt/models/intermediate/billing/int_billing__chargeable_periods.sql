-- the days of each month that a service is to be charged: entitled (network and CRM say so), billed (billing's own
-- subscriptions) and both
with

months as (
    {{ date_spine(window_from(), add_days(window_to(), -1), 'month') }}
),

bounds as (
    select
        spine_on as charge_month,
        {{ add_months_to('spine_on', 1) }} as month_end_on
    from months
),

history as (
    select * from {{ ref('int_customers__service_history') }}
    where status = 'active'
),

-- the network's view counts from the first month that it covers whole
network_from as (
    select min(valid_from_on) as first_on from {{ ref('stg_mediation__network_profiles') }}
),

in_network as (
    select * from {{ ref('int_customers__network_services') }}
),

entitled as (
    select
        n.subscription_id, n.account_id, n.service_id, n.product_offering_id, b.charge_month,
        greatest(n.valid_from_on, b.charge_month) as valid_from_on,
        least(n.valid_to_on, b.month_end_on) as valid_to_on
    from in_network as n
    inner join bounds as b on n.valid_from_on < b.month_end_on and n.valid_to_on > b.charge_month
    cross join network_from as f
    where f.first_on <= b.charge_month
    union all
    select
        h.subscription_id, h.account_id, h.service_id, h.product_offering_id, b.charge_month,
        greatest(h.valid_from_on, b.charge_month) as valid_from_on,
        least(h.valid_to_on, b.month_end_on) as valid_to_on
    from history as h
    inner join bounds as b on h.valid_from_on < b.month_end_on and h.valid_to_on > b.charge_month
    cross join network_from as f
    where h.network_feature_code is null or f.first_on is null or f.first_on > b.charge_month
),

billed as (
    select
        s.subscription_id, s.account_id, s.service_id, s.product_offering_id, b.charge_month,
        greatest(s.valid_from_on, b.charge_month) as valid_from_on,
        least({{ open_end('s.valid_to_on') }}, b.month_end_on) as valid_to_on
    from {{ ref('stg_billing__subscriptions') }} as s
    inner join bounds as b
        on s.valid_from_on < b.month_end_on and {{ open_end('s.valid_to_on') }} > b.charge_month
    where s.status = 'active'
),

entitled_merged as (
    {{ merge_periods('entitled', [
        'subscription_id', 'account_id', 'service_id', 'product_offering_id', 'charge_month']) }}
),

billed_merged as (
    {{ merge_periods('billed', [
        'subscription_id', 'account_id', 'service_id', 'product_offering_id', 'charge_month']) }}
),

both_views as (
    select
        b.subscription_id, b.account_id, b.service_id, b.product_offering_id, b.charge_month,
        greatest(e.valid_from_on, b.valid_from_on) as valid_from_on,
        least(e.valid_to_on, b.valid_to_on) as valid_to_on
    from entitled_merged as e
    inner join billed_merged as b
        on
            e.subscription_id = b.subscription_id
            and e.product_offering_id = b.product_offering_id
            and e.charge_month = b.charge_month
            and e.valid_from_on < b.valid_to_on
            and e.valid_to_on > b.valid_from_on
),

sets as (
    select 'entitled' as charge_set, * from entitled_merged
    union all
    select 'billed' as charge_set, * from billed_merged
    union all
    select 'both' as charge_set, * from both_views
),

final as (
    select s.*
    from sets as s
    left join {{ ref('int_customers__prepaid_subscriptions') }} as p on s.subscription_id = p.subscription_id
    where p.subscription_id is null
)

select * from final
