-- what is due for billing's own subscriptions, each discount where the lines of the invoice show it: on its charge, on
-- another one of the subscription, or apart for the account. The place is the invoice's, the amount the register's
with

discounts as (
    select * from {{ ref('int_billing__recurring_discounts') }}
    where charge_set = 'billed' and discount_micros <> 0
),

places as (
    select distinct
        charge_month, account_id, currency_code, discount_id, subscription_id, charge_code, product_offering_id
    from {{ ref('int_billing__recurring_lines') }}
    where line_type = 'discount'
),

ranked as (
    select
        d.*,
        p.discount_id is not null as has_place,
        p.subscription_id as place_subscription_id,
        p.charge_code as place_code,
        p.product_offering_id as place_offering_id,
        coalesce(p.subscription_id = d.subscription_id and p.charge_code = d.charge_code, false) as is_at_home,
        row_number() over (
            partition by
                d.charge_month, d.account_id, d.subscription_id, d.product_offering_id, d.charge_code, d.discount_id
            order by
                case when p.subscription_id = d.subscription_id then 1 when p.subscription_id = '' then 2 else 3 end,
                case when p.charge_code = d.charge_code then 1 else 2 end,
                case when p.product_offering_id = d.product_offering_id then 1 else 2 end,
                p.subscription_id, p.charge_code, coalesce(p.product_offering_id, '')
        ) as place_no
    from discounts as d
    left join places as p
        on
            d.charge_month = p.charge_month
            and d.account_id = p.account_id
            and d.currency_code = p.currency_code
            and d.discount_id = p.discount_id
            -- a share of another line's charge is never shown on this one; a fixed amount may be shown anywhere
            and (p.subscription_id in (d.subscription_id, '') or d.is_of_account)
),

placed as (
    select
        charge_month,
        account_id,
        case
            when has_place then place_subscription_id
            when is_of_account then ''
            else subscription_id
        end as subscription_id,
        case when has_place then place_offering_id when not is_of_account then product_offering_id end
            as product_offering_id,
        case when has_place then place_code when is_of_account then discount_id else charge_code end as charge_code,
        currency_code,
        discount_micros,
        case when is_amount then discount_micros else 0 end as fixed_micros,
        -- several shares on one line may have been rounded once, on their sum
        case when has_place and not is_at_home and not is_amount then minor_step_micros else 0 end as moved_step_micros
    from ranked
    where place_no = 1
),

united as (
    select
        charge_month, account_id, subscription_id, product_offering_id, charge_code, currency_code, service_id,
        price_rule_id, price_micros, proration_type, month_day_count, day_count, piece_count, gross_micros,
        0 as discount_micros, 0 as fixed_micros, 0 as moved_step_micros
    from {{ ref('int_billing__recurring_charges') }}
    where charge_set = 'billed'
    union all
    select
        charge_month, account_id, subscription_id, product_offering_id, charge_code, currency_code,
        cast(null as string) as service_id, cast(null as string) as price_rule_id,
        cast(null as bigint) as price_micros, cast(null as string) as proration_type,
        cast(null as bigint) as month_day_count, 0 as day_count, 0 as piece_count, 0 as gross_micros,
        discount_micros, fixed_micros, moved_step_micros
    from placed
),

final as (
    select
        charge_month,
        account_id,
        subscription_id,
        product_offering_id,
        charge_code,
        currency_code,
        max(service_id) as service_id,
        max(price_rule_id) as price_rule_id,
        max(price_micros) as price_micros,
        max(proration_type) as proration_type,
        max(month_day_count) as month_day_count,
        cast(sum(day_count) as bigint) as day_count,
        cast(sum(piece_count) as bigint) as piece_count,
        cast(sum(gross_micros) as bigint) as gross_micros,
        cast(sum(discount_micros) as bigint) as discount_micros,
        cast(sum(fixed_micros) as bigint) as fixed_micros,
        cast({{ integer_divide('sum(moved_step_micros)', '2') }} as bigint) as rounding_micros,
        cast(sum(gross_micros - discount_micros) as bigint) as net_micros
    from united
    group by charge_month, account_id, subscription_id, product_offering_id, charge_code, currency_code
)

select * from final
