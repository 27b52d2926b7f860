-- the signed price book decides; only an operator without one is checked against its own catalogue
with

approved as (
    select * from {{ ref('stg_crm__approved_prices') }}
),

configured as (
    select * from {{ ref('stg_billing__price_rules') }}
),

chosen as (
    select
        'approved_prices' as price_source, {{ price_columns() }}
    from approved
    union all
    select
        'price_rules' as price_source, {{ price_columns() }}
    from configured
    where not exists (select 1 from approved)
),

final as (
    select
        price_source,
        price_rule_id,
        product_offering_id,
        charge_code,
        charge_type,
        service_code,
        zone_code,
        time_band_code,
        charge_model,
        coalesce(tier_policy, 'all_tiers') as tier_policy,
        coalesce(tier_basis, 'month') as tier_basis,
        increment_rounding_decimals,
        coalesce(band_rule, 'start') as band_rule,
        coalesce(maximum_rule, 'cap') as maximum_rule,
        {{ to_micros('price_amount') }} as price_micros,
        {{ to_milli('coalesce(unit_quantity, 1)') }} as unit_milli,
        {{ to_milli('coalesce(first_increment_quantity, 0)') }} as first_increment_milli,
        {{ to_milli('coalesce(next_increment_quantity, first_increment_quantity, 0)') }} as next_increment_milli,
        {{ to_micros('coalesce(connect_amount, 0)') }} as connect_micros,
        {{ to_micros('coalesce(minimum_amount, 0)') }} as minimum_micros,
        {{ to_micros('maximum_amount') }} as maximum_micros,
        {{ power_of_ten('6 - least(coalesce(rounding_decimals, 6), 6)') }} as rounding_step_micros,
        coalesce(increment_point, 'before_allowance') as increment_point,
        {{ to_billionths('rate_ratio') }} as rate_billionths,
        coalesce(free_event_count, 0) as free_event_count,
        {{ to_micros('coalesce(free_amount, 0)') }} as free_micros,
        coalesce(aggregation_type, 'sum') as aggregation_type,
        coalesce(is_flat_owed_unused, false) as is_flat_owed_unused,
        {{ to_micros('minimum_period_amount') }} as minimum_period_micros,
        {{ to_micros('maximum_period_amount') }} as maximum_period_micros,
        coalesce(rounding_mode, 'half_up') as rounding_mode,
        {{ power_of_ten('6 - period_rounding_decimals') }} as period_step_micros,
        coalesce(quantity_rounding_mode, 'up') as quantity_rounding_mode,
        charge_type = 'usage' and (
            (charge_model not in ('flat', 'per_unit') and coalesce(tier_basis, 'month') = 'month')
            or coalesce(aggregation_type, 'sum') <> 'sum'
            or coalesce(rounding_mode, 'half_up') <> 'half_up'
            or coalesce(quantity_rounding_mode, 'up') not in ('up', 'ceil')
            or minimum_period_amount is not null
            or maximum_period_amount is not null
            or period_rounding_decimals is not null
        ) as is_by_month,
        coalesce(proration_type, 'day') as proration_type,
        coalesce(charge_timing, 'arrears') as charge_timing,
        cast(coalesce(rounding_decimals, case {{ minor_step('currency_code') }}
            when 1000000 then 0 when 1000 then 3 else 2
        end) as bigint) as part_decimals,
        cast(factor_decimals as bigint) as factor_decimals,
        cast(coalesce(fixed_day_count, 30) as bigint) as fixed_day_count,
        case when period_unit in ('day', 'week') then 'day' else 'month' end as series_unit,
        cast(coalesce(period_count, 1) as bigint)
        * case period_unit when 'week' then 7 when 'year' then 12 else 1 end as series_step,
        coalesce(period_unit, 'month') as period_unit,
        period_alignment,
        cast(coalesce(trial_day_count, 0) as bigint) as trial_day_count,
        coalesce(is_charged_while_suspended, false) as is_charged_while_suspended,
        coalesce(early_end_rule, 'used') as early_end_rule,
        coalesce(credit_limit_type, 'none') as credit_limit_type,
        tax_group_code,
        coalesce(is_tax_inclusive, false) as is_tax_inclusive,
        coalesce(rounding_point, 'tax_group') as rounding_point,
        gl_account_id,
        currency_code,
        valid_from_on,
        {{ open_end('valid_to_on') }} as valid_to_on,
        _source_file,
        _source_row,
        _file_hash
    from chosen
)

select * from final
