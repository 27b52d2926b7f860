-- what the chargeable periods cost at the approved prices, by day where the price says so, net of percentage discounts
with

periods as (
    select * from {{ ref('int_billing__chargeable_periods') }}
),

prices as (
    select * from {{ ref('int_catalogue__prices') }}
    where charge_type = 'recurring'
),

priced as (
    select
        c.charge_set, c.charge_month, c.account_id, c.subscription_id, c.service_id, c.product_offering_id,
        p.charge_code, p.price_rule_id, p.price_micros, p.proration_type, p.tax_group_code, p.currency_code,
        greatest(c.valid_from_on, p.valid_from_on) as valid_from_on,
        least(c.valid_to_on, p.valid_to_on) as valid_to_on,
        row_number() over (
            partition by c.charge_set, c.charge_month, c.subscription_id, c.product_offering_id, p.charge_code
            order by greatest(c.valid_from_on, p.valid_from_on), p.price_rule_id
        ) as piece_no
    from periods as c
    inner join prices as p
        on
            c.product_offering_id = p.product_offering_id
            and c.valid_from_on < p.valid_to_on
            and c.valid_to_on > p.valid_from_on
),

measured as (
    select
        *,
        {{ days_between('valid_from_on', 'valid_to_on') }} as day_count,
        cast(day(last_day(charge_month)) as bigint) as month_day_count
    from priced
),

charged as (
    select
        *,
        case
            when proration_type = 'day'
                then {{ ratio_micros('day_count', 'price_micros', 'month_day_count', '10000') }}
            when piece_no = 1 then {{ ratio_micros('1', 'price_micros', '1', '10000') }}
            else 0
        end as gross_micros
    from measured
),

discounts as (
    select * from {{ ref('int_billing__percent_discounts') }}
    where charge_type = 'recurring'
),

discounted as (
    select
        c.*,
        d.discount_id,
        coalesce(
            {{ ratio_micros('c.gross_micros', 'cast(d.rate_ratio * 1000000 as bigint)', '1000000', '10000') }}, 0
        ) as discount_micros
    from charged as c
    left join discounts as d
        on
            c.subscription_id = d.subscription_id
            and coalesce(d.charge_code, c.charge_code) = c.charge_code
            and coalesce(d.product_offering_id, c.product_offering_id) = c.product_offering_id
            and c.valid_from_on >= d.valid_from_on
            and c.valid_from_on < d.valid_to_on
),

final as (
    select
        charge_set,
        charge_month,
        account_id,
        subscription_id,
        service_id,
        product_offering_id,
        charge_code,
        tax_group_code,
        currency_code,
        max(price_rule_id) as price_rule_id,
        max(price_micros) as price_micros,
        max(proration_type) as proration_type,
        max(discount_id) as discount_id,
        cast(sum(day_count) as bigint) as day_count,
        max(month_day_count) as month_day_count,
        min(valid_from_on) as valid_from_on,
        max(valid_to_on) as valid_to_on,
        count(*) as piece_count,
        cast(sum(gross_micros) as bigint) as gross_micros,
        cast(sum(discount_micros) as bigint) as discount_micros,
        cast(sum(gross_micros - discount_micros) as bigint) as net_micros
    from discounted
    group by
        charge_set, charge_month, account_id, subscription_id, service_id, product_offering_id,
        charge_code, tax_group_code, currency_code
)

select * from final
