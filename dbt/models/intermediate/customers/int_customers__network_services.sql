-- what is switched on in the network, as the offers and subscriptions that it belongs to
with

profiles as (
    select * from {{ ref('stg_mediation__network_profiles') }}
    where status = 'active'
),

features as (
    select
        network_feature_code,
        min(product_offering_id) as product_offering_id
    from {{ ref('stg_crm__product_offerings') }}
    where network_feature_code is not null
    group by network_feature_code
),

holders as (
    select distinct subscription_id, product_offering_id from {{ ref('stg_crm__crm_services') }}
    union
    select distinct subscription_id, product_offering_id from {{ ref('stg_billing__subscriptions') }}
),

owned as (
    select
        o.subscription_id,
        o.account_id,
        o.is_primary,
        p.service_id,
        f.product_offering_id,
        h.subscription_id is not null as is_holder,
        max(case when h.subscription_id is not null then 1 else 0 end) over (
            partition by p.service_id, f.product_offering_id, p.valid_from_on
        ) as holder_count,
        o.is_multi_sim,
        greatest(p.valid_from_on, o.owned_from_on) as valid_from_on,
        least({{ open_end('p.valid_to_on') }}, o.owned_to_on) as valid_to_on
    from profiles as p
    inner join features as f on p.feature_code = f.network_feature_code
    inner join {{ ref('int_customers__service_owners') }} as o
        on
            p.service_id = o.service_id
            and p.valid_from_on < o.owned_to_on
            and {{ open_end('p.valid_to_on') }} > o.owned_from_on
    left join holders as h
        on o.subscription_id = h.subscription_id and f.product_offering_id = h.product_offering_id
),

-- on a shared number a feature belongs to the subscriptions that hold its offer, else to the first
final as (
    select
        subscription_id,
        account_id,
        service_id,
        product_offering_id,
        valid_from_on,
        valid_to_on
    from owned
    where not is_multi_sim or is_holder or (is_primary and holder_count = 0)
)

select * from final
