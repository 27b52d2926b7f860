with

final as (
    select
        price_rule_id,
        tier_no,
        max(price_micros) as price_micros
    from {{ ref('int_catalogue__usage_tiers') }}
    where
        price_rule_id in (
            select p.price_rule_id from {{ ref('int_catalogue__month_prices') }} as p
            where p.charge_model = 'capacity'
        )
    group by price_rule_id, tier_no
)

select * from final
