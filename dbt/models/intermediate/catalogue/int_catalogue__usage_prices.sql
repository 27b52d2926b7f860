-- a price for the zone itself wins over one for every zone; a flat price is nothing but a connect fee
with

prices as (
    select p.*
    from {{ ref('int_catalogue__prices') }} as p
    -- a price row at fault prices nothing: its events wait
    left join (select distinct price_rule_id from {{ ref('int_catalogue__price_faults') }}) as f
        on p.price_rule_id = f.price_rule_id
    where
        f.price_rule_id is null
        and p.charge_type = 'usage'
),

-- events take their zone from the number ranges; 0 stands for those without a number
zones as (
    select distinct
        zone_code,
        zone_no
    from {{ ref('int_catalogue__zone_buckets') }}
    union all
    select
        '(none)' as zone_code,
        0 as zone_no
),

priced_zones as (
    select
        p.*,
        z.zone_code as event_zone_code,
        z.zone_no,
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

final as (
    select
        p.product_offering_id,
        p.service_code,
        p.event_zone_code,
        p.zone_no,
        p.price_rule_id,
        p.charge_code,
        p.is_by_month and not {{ is_by_call() }} as is_tiered,
        p.time_band_code,
        {{ is_by_call() }} as is_by_call,
        p.band_rule,
        {{ power_of_ten('12 - p.increment_rounding_decimals') }} as increment_step_picos,
        max(case when p.time_band_code is not null then 1 else 0 end) over (
            partition by p.product_offering_id, p.service_code, p.event_zone_code
        ) = 1 as is_banded,
        case when p.charge_model = 'flat' then 0 else p.price_micros end as price_micros,
        p.unit_milli,
        p.first_increment_milli,
        p.next_increment_milli,
        p.connect_micros + case when p.charge_model = 'flat' then p.price_micros else 0 end as connect_micros,
        p.minimum_micros,
        case when p.maximum_rule = 'cap' then p.maximum_micros end as maximum_micros,
        p.rounding_step_micros,
        p.rounding_mode,
        p.increment_point,
        case
            when p.quantity_rounding_mode not in ('up', 'ceil') then p.quantity_rounding_mode
        end as quantity_rounding_mode,
        p.tax_group_code,
        p.currency_code,
        p.valid_from_on,
        p.valid_to_on
    from priced_zones as p
    left join zone_prices as z
        on
            p.product_offering_id = z.product_offering_id
            and p.service_code = z.service_code
            and p.event_zone_code = z.event_zone_code
    where p.is_zone_price or z.event_zone_code is null
)

select * from final
