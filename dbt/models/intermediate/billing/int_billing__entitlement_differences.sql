-- days, and quantities on the same days, that the network or CRM grants but billing does not know, and the other way
-- round, with what they cost
with

charges as (
    select * from {{ ref('int_billing__discounted_charges') }}
),

summed as (
    select
        charge_month,
        subscription_id,
        product_offering_id,
        charge_code,
        currency_code,
        max(account_id) as account_id,
        max(service_id) as service_id,
        max(price_rule_id) as price_rule_id,
        max(price_micros) as price_micros,
        max(month_day_count) as month_day_count,
        sum(case when charge_set = 'entitled' then day_count else 0 end) as entitled_days,
        sum(case when charge_set = 'billed' then day_count else 0 end) as billed_days,
        sum(case when charge_set = 'both' then day_count else 0 end) as both_days,
        sum(case when charge_set = 'entitled' then net_micros else 0 end) as entitled_micros,
        sum(case when charge_set = 'billed' then net_micros else 0 end) as billed_micros,
        sum(case when charge_set = 'both' then net_micros else 0 end) as both_micros,
        sum(case charge_set when 'entitled' then gross_micros when 'both' then -gross_micros else 0 end)
            as gross_under_micros,
        sum(case charge_set when 'billed' then gross_micros when 'both' then -gross_micros else 0 end)
            as gross_over_micros
    from charges
    group by charge_month, subscription_id, product_offering_id, charge_code, currency_code
),

final as (
    select
        s.charge_month,
        s.subscription_id,
        s.product_offering_id,
        o.product_type,
        s.charge_code,
        s.currency_code,
        s.account_id,
        a.account_type,
        s.service_id,
        s.price_rule_id,
        s.price_micros,
        s.month_day_count,
        cast(s.entitled_days as bigint) as entitled_days,
        cast(s.billed_days as bigint) as billed_days,
        cast(s.entitled_days - s.both_days as bigint) as unbilled_days,
        cast(s.billed_days - s.both_days as bigint) as absent_days,
        cast(s.entitled_micros as bigint) as entitled_micros,
        cast(s.billed_micros as bigint) as billed_micros,
        cast(s.entitled_micros - s.both_micros as bigint) as under_micros,
        cast(s.billed_micros - s.both_micros as bigint) as over_micros,
        s.gross_under_micros = 0 and s.gross_over_micros = 0 as is_discount_alone
    from summed as s
    left join {{ ref('stg_crm__product_offerings') }} as o on s.product_offering_id = o.product_offering_id
    left join {{ ref('stg_crm__accounts') }} as a on s.account_id = a.account_id
    where
        s.entitled_days <> s.both_days
        or s.billed_days <> s.both_days
        or s.entitled_micros <> s.both_micros
        or s.billed_micros <> s.both_micros
)

select * from final
