-- one plan a day and subscription: an overlap ends the earlier plan, as a plan change does
with

history as (
    select h.*
    from {{ ref('int_customers__service_history') }} as h
    left join {{ ref('int_customers__prepaid_subscriptions') }} as p on h.subscription_id = p.subscription_id
    where h.product_type = 'plan' and h.status = 'active' and p.subscription_id is null
),

ordered as (
    select
        subscription_id,
        account_id,
        product_offering_id,
        valid_from_on,
        valid_to_on,
        lead(valid_from_on) over (
            partition by subscription_id order by valid_from_on, product_offering_id
        ) as next_from_on
    from history
),

final as (
    select
        subscription_id,
        account_id,
        product_offering_id,
        valid_from_on,
        least(valid_to_on, coalesce(next_from_on, valid_to_on)) as valid_to_on
    from ordered
    where next_from_on is null or next_from_on > valid_from_on
)

select * from final
