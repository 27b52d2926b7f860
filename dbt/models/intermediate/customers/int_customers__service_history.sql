-- CRM says what was sold; an operator without CRM is read from billing's own subscriptions
with

crm as (
    select * from {{ ref('stg_crm__crm_services') }}
),

billing as (
    select * from {{ ref('stg_billing__subscriptions') }}
),

offerings as (
    select * from {{ ref('stg_crm__product_offerings') }}
),

services as (
    select
        'crm' as history_source,
        subscription_id, account_id, service_id, product_offering_id, status,
        coalesce(is_multi_sim, false) as is_multi_sim, valid_from_on, {{ open_end('valid_to_on') }} as valid_to_on,
        unit_count, valid_from_at, valid_to_at
    from crm
    union all
    select
        'billing' as history_source,
        subscription_id, account_id, service_id, product_offering_id, status,
        coalesce(is_multi_sim, false) as is_multi_sim, valid_from_on, {{ open_end('valid_to_on') }} as valid_to_on,
        unit_count, valid_from_at, valid_to_at
    from billing
    where not exists (select 1 from crm)
),

final as (
    select
        s.history_source,
        s.subscription_id,
        s.account_id,
        s.service_id,
        s.product_offering_id,
        o.product_type,
        o.network_feature_code,
        s.status,
        s.is_multi_sim,
        s.valid_from_on,
        s.valid_to_on,
        {{ to_milli('coalesce(s.unit_count, 1)') }} as unit_milli,
        s.valid_from_at,
        s.valid_to_at
    from services as s
    left join offerings as o on s.product_offering_id = o.product_offering_id
)

select * from final
