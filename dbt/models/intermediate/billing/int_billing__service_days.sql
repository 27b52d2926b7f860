-- the days that a service is to be charged: entitled (network and CRM say so) and billed (billing's own
-- subscriptions); with the suspended days once more, for prices that are charged then too
with

-- the network's view counts from the first month that it covers whole
network_from as (
    select min({{ add_months_to(month_of(add_days('valid_from_on', -1)), 1) }}) as first_on
    from {{ ref('stg_mediation__network_profiles') }}
),

history as (
    select * from {{ ref('int_customers__service_history') }}
),

own as (
    select
        *,
        {{ to_milli('coalesce(unit_count, 1)') }} as unit_milli
    from {{ ref('stg_billing__subscriptions') }}
),

-- the network knows of no quantities: those of CRM hold until the next one
quantities as (
    select
        subscription_id,
        product_offering_id,
        unit_milli,
        case
            when lag(valid_from_on) over (
                partition by subscription_id, product_offering_id order by valid_from_on, valid_to_on
            ) is null then cast('0001-01-01' as date)
            else valid_from_on
        end as valid_from_on,
        coalesce(
            lead(valid_from_on) over (
                partition by subscription_id, product_offering_id order by valid_from_on, valid_to_on
            ),
            cast('9999-12-31' as date)
        ) as valid_to_on
    from history
    where
        subscription_id in (select h.subscription_id from history as h where h.unit_milli <> 1000) -- noqa: LT14
),

in_network as (
    select
        n.subscription_id, n.account_id, n.service_id, n.product_offering_id,
        coalesce(q.unit_milli, 1000) as unit_milli,
        greatest(n.valid_from_on, f.first_on, coalesce(q.valid_from_on, n.valid_from_on)) as valid_from_on,
        least(n.valid_to_on, coalesce(q.valid_to_on, n.valid_to_on)) as valid_to_on
    from {{ ref('int_customers__network_services') }} as n
    cross join network_from as f
    left join quantities as q
        on
            n.subscription_id = q.subscription_id
            and n.product_offering_id = q.product_offering_id
            and n.valid_from_on < q.valid_to_on
            and n.valid_to_on > q.valid_from_on
),

kept as (
    select distinct product_offering_id
    from {{ ref('int_catalogue__prices') }}
    where is_charged_while_suspended
),

days as (
    select
        'entitled' as charge_set, false as is_kept, subscription_id, account_id, service_id, product_offering_id,
        unit_milli, valid_from_on, valid_to_on
    from in_network
    where valid_from_on < valid_to_on
    union all
    select
        'entitled' as charge_set, h.status = 'suspended' as is_kept,
        h.subscription_id, h.account_id, h.service_id, h.product_offering_id, h.unit_milli, h.valid_from_on,
        case
            when h.network_feature_code is null or h.status = 'suspended' then h.valid_to_on
            else least(h.valid_to_on, coalesce(f.first_on, h.valid_to_on))
        end as valid_to_on
    from history as h
    cross join network_from as f
    where
        h.network_feature_code is null or h.status = 'suspended' or f.first_on is null
        or h.valid_from_on < f.first_on
    union all
    select
        'billed' as charge_set, status = 'suspended' as is_kept,
        subscription_id, account_id, service_id, product_offering_id, unit_milli, valid_from_on,
        {{ open_end('valid_to_on') }} as valid_to_on
    from own
),

near as (
    select * from days
    where
        valid_to_on >= greatest(valid_from_on, {{ window_from() }})
        and valid_from_on < {{ add_months_to(window_to(), 2) }}
),

scopes as (
    select * from near
    where not is_kept
    union all
    select
        n.charge_set, true as is_kept, n.subscription_id, n.account_id, n.service_id, n.product_offering_id,
        n.unit_milli, n.valid_from_on, n.valid_to_on
    from near as n
    inner join kept as k on n.product_offering_id = k.product_offering_id
),

final as (
    {{ merge_periods('scopes', [
        'charge_set', 'is_kept', 'subscription_id', 'account_id', 'service_id', 'product_offering_id', 'unit_milli'
    ]) }}
)

select * from final
