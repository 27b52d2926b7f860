-- from when a subscription and an offer of it count without a break, suspended days too: trials and anniversaries
with

rows_of_all as (
    select subscription_id, product_offering_id, valid_from_on, {{ open_end('valid_to_on') }} as valid_to_on, anchor_on
    from {{ ref('stg_crm__crm_services') }}
    union all
    select subscription_id, product_offering_id, valid_from_on, {{ open_end('valid_to_on') }} as valid_to_on, anchor_on
    from {{ ref('stg_billing__subscriptions') }}
),

offers as (
    {{ merge_periods('rows_of_all', ['subscription_id', 'product_offering_id']) }}
),

subscriptions as (
    {{ merge_periods('rows_of_all', ['subscription_id']) }}
),

anchors as (
    select
        subscription_id,
        product_offering_id,
        min(anchor_on) as anchor_on
    from rows_of_all
    where anchor_on is not null
    group by subscription_id, product_offering_id
),

final as (
    select
        o.subscription_id,
        o.product_offering_id,
        o.valid_from_on,
        o.valid_to_on,
        coalesce(a.anchor_on, o.valid_from_on) as offer_anchor_on,
        coalesce(a.anchor_on, min(s.valid_from_on)) as subscription_anchor_on
    from offers as o
    inner join subscriptions as s
        on
            o.subscription_id = s.subscription_id
            and o.valid_from_on >= s.valid_from_on
            and o.valid_to_on <= s.valid_to_on
    left join anchors as a on o.subscription_id = a.subscription_id and o.product_offering_id = a.product_offering_id
    group by o.subscription_id, o.product_offering_id, o.valid_from_on, o.valid_to_on, a.anchor_on
)

select * from final
