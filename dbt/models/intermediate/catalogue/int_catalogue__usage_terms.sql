-- price and allowance of an event; an allowance for the zone itself wins over one for every zone
with

prices as (
    select * from {{ ref('int_catalogue__usage_prices') }}
),

allowances as (
    select * from {{ ref('stg_billing__allowances') }}
),

zones as (
    select distinct event_zone_code as zone_code from prices
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

joined as (
    select
        p.*,
        a.allowance_id,
        {{ to_milli('a.allowance_quantity') }} as allowance_milli,
        coalesce(a.valid_from_on, cast('0001-01-01' as date)) as allowance_from_on,
        {{ open_end('a.valid_to_on') }} as allowance_to_on
    from prices as p
    left join ranked_allowances as a
        on
            p.product_offering_id = a.product_offering_id
            and p.service_code = a.service_code
            and p.event_zone_code = a.event_zone_code
            and a.allowance_rank = 1
),

final as (
    select
        cast(row_number() over (
            order by product_offering_id, service_code, event_zone_code, valid_from_on, price_rule_id
        ) as integer) as usage_term_no,
        product_offering_id,
        dense_rank() over (order by product_offering_id) as offering_no,
        service_code,
        event_zone_code,
        zone_no,
        price_rule_id,
        charge_code,
        is_tiered,
        time_band_code,
        is_by_call,
        band_rule,
        increment_step_picos,
        is_banded,
        price_micros,
        unit_milli,
        first_increment_milli,
        next_increment_milli,
        connect_micros,
        minimum_micros,
        maximum_micros,
        rounding_step_micros,
        rounding_mode,
        {{ narrow_up_to('price_micros', 'unit_milli', 'rounding_step_micros') }} as narrow_milli,
        increment_point,
        quantity_rounding_mode,
        tax_group_code,
        currency_code,
        valid_from_on,
        valid_to_on,
        allowance_id,
        case when allowance_id is not null then dense_rank() over (order by allowance_id) end as allowance_no,
        allowance_milli,
        allowance_from_on,
        allowance_to_on
    from joined
)

select * from final
