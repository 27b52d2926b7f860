-- a subscription that names two accounts is billed to the first
with

final as (
    select
        subscription_id,
        min(account_id) as account_id
    from {{ ref('int_customers__service_owners') }}
    group by subscription_id
)

select * from final
