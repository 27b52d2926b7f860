-- what the charge of an event needs to know of its price where it depends on the month; see macro month_charges
with

prices as (
    select * from {{ ref('int_catalogue__prices') }}
    where is_by_month
),

faults as (
    select distinct price_rule_id from {{ ref('int_catalogue__price_faults') }}
),

final as (
    select
        p.price_rule_id,
        p.product_offering_id,
        p.charge_code,
        p.service_code,
        p.charge_model,
        p.charge_model in ('percentage', 'graduated_percentage', 'dynamic') as is_of_amount,
        p.charge_model in ('graduated', 'volume', 'package', 'blocks', 'graduated_percentage')
        and p.tier_basis = 'month' as has_tiers,
        p.aggregation_type,
        p.aggregation_type in ('level_time', 'level_day') as is_level,
        p.unit_milli,
        p.rate_billionths,
        p.free_event_count,
        p.free_micros,
        p.is_flat_owed_unused,
        p.minimum_period_micros,
        p.maximum_period_micros,
        p.rounding_mode,
        p.period_step_micros,
        p.tax_group_code,
        p.currency_code,
        p.valid_from_on,
        p.valid_to_on
    from prices as p
    left join faults as q on p.price_rule_id = q.price_rule_id
    where q.price_rule_id is null
)

select * from final
