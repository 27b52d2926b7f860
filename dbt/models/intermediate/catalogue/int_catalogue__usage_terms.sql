-- a price or allowance for the zone itself wins over one for every zone
with

prices as (
    select * from {{ ref('int_catalogue__prices') }}
    where charge_type = 'usage' and charge_model = 'per_unit'
),

allowances as (
    select * from {{ ref('stg_billing__allowances') }}
),

zones as (
    select distinct zone_code from {{ ref('int_catalogue__zone_ranges') }}
    union
    select distinct zone_code from prices
    where zone_code is not null
    union
    select '(none)' as zone_code
),

priced_zones as (
    select
        p.*,
        z.zone_code as event_zone_code,
        p.zone_code is not null as is_zone_price
    from prices as p
    inner join zones as z
        on p.zone_code = z.zone_code or p.zone_code is null
),

zone_prices as (
    select distinct
        product_offering_id,
        service_code,
        event_zone_code
    from priced_zones
    where is_zone_price
),

chosen_prices as (
    select p.*
    from priced_zones as p
    left join zone_prices as z
        on
            p.product_offering_id = z.product_offering_id
            and p.service_code = z.service_code
            and p.event_zone_code = z.event_zone_code
    where p.is_zone_price or z.event_zone_code is null
),

ranked_allowances as (
    select
        a.*,
        z.zone_code as event_zone_code,
        row_number() over (
            partition by a.product_offering_id, a.service_code, z.zone_code
            order by
                case when a.zone_code is not null then 0 else 1 end,
                coalesce(a.priority, 0),
                a.allowance_id
        ) as allowance_rank
    from allowances as a
    inner join zones as z
        on a.zone_code = z.zone_code or a.zone_code is null
),

final as (
    select
        p.product_offering_id,
        p.service_code,
        p.event_zone_code,
        p.price_rule_id,
        p.price_micros,
        p.unit_milli,
        p.first_increment_milli,
        p.next_increment_milli,
        p.connect_micros,
        p.minimum_micros,
        p.maximum_micros,
        p.rounding_step_micros,
        p.increment_point,
        p.tax_group_code,
        p.currency_code,
        p.valid_from_on,
        p.valid_to_on,
        a.allowance_id,
        cast(a.allowance_quantity * 1000 as bigint) as allowance_milli,
        coalesce(a.valid_from_on, cast('0001-01-01' as date)) as allowance_from_on,
        {{ open_end('a.valid_to_on') }} as allowance_to_on
    from chosen_prices as p
    left join ranked_allowances as a
        on
            p.product_offering_id = a.product_offering_id
            and p.service_code = a.service_code
            and p.event_zone_code = a.event_zone_code
            and a.allowance_rank = 1
)

select * from final
