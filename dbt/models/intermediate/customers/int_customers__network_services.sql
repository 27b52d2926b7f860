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

final as (
    select
        o.subscription_id,
        o.account_id,
        p.service_id,
        f.product_offering_id,
        greatest(p.valid_from_on, o.owned_from_on) as valid_from_on,
        least({{ open_end('p.valid_to_on') }}, o.owned_to_on) as valid_to_on
    from profiles as p
    inner join features as f on p.feature_code = f.network_feature_code
    inner join {{ ref('int_customers__service_owners') }} as o
        on
            p.service_id = o.service_id
            and p.valid_from_on < o.owned_to_on
            and {{ open_end('p.valid_to_on') }} > o.owned_from_on
)

select * from final
