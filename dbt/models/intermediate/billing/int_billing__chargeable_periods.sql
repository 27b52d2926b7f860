-- days to be charged by network and CRM, by billing and by both; a service that is paid in advance is on no invoice
with

days as (
    select d.*
    from {{ ref('int_billing__service_days') }} as d
    left join {{ ref('int_customers__prepaid_subscriptions') }} as p on d.subscription_id = p.subscription_id
    where p.subscription_id is null
),

both_views as (
    select
        b.is_kept, b.subscription_id, b.account_id, b.service_id, b.product_offering_id,
        least(e.unit_milli, b.unit_milli) as unit_milli,
        greatest(e.valid_from_on, b.valid_from_on) as valid_from_on,
        least(e.valid_to_on, b.valid_to_on) as valid_to_on
    from days as e
    inner join days as b
        on
            e.charge_set = 'entitled'
            and b.charge_set = 'billed'
            and e.is_kept = b.is_kept
            and e.subscription_id = b.subscription_id
            and e.product_offering_id = b.product_offering_id
            and (
                (e.valid_from_on < b.valid_to_on and e.valid_to_on > b.valid_from_on)
                or (e.valid_from_on = b.valid_from_on and e.valid_to_on = b.valid_to_on)
            )
),

final as (
    select
        charge_set,
        is_kept,
        subscription_id,
        account_id,
        service_id,
        product_offering_id,
        unit_milli,
        valid_from_on,
        valid_to_on
    from (
        select * from days
        union all
        select 'both' as charge_set, * from both_views
    ) as sets
)

select * from final
