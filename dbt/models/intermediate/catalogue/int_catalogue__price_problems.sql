-- prices that cannot be applied as they stand: they rate nothing, and what they would have charged is held
with

prices as (
    select * from {{ ref('int_catalogue__prices') }}
),

tier_problems as (
    select * from {{ ref('int_catalogue__tier_problems') }}
),

price_problems as (
    select
        price_rule_id,
        case
            when
                charge_model in ('graduated', 'volume', 'blocks', 'graduated_percentage', 'capacity')
                and price_rule_id not in (select t.price_rule_id from {{ ref('stg_billing__price_tiers') }} as t)
                then 'TIERS_MISSING'
            when charge_model in ('percentage', 'dynamic') and rate_billionths is null then 'RATE_MISSING'
            when unit_milli <= 0 then 'UNIT_QUANTITY'
            when
                aggregation_type in ('level_time', 'level_day')
                and charge_model not in ('per_unit', 'graduated', 'volume') then 'LEVEL_MODEL'
        end as reason_code,
        case
            when charge_model in ('percentage', 'dynamic') and rate_billionths is null
                then concat('charge_model ', charge_model, ' without rate_ratio: give the share of the amount')
            when unit_milli <= 0 then 'unit_quantity is not above 0: give the quantity that price_amount buys'
            when
                aggregation_type in ('level_time', 'level_day')
                and charge_model not in ('per_unit', 'graduated', 'volume')
                then concat('a level is charged per_unit, graduated or volume, not ', charge_model)
            else concat('charge_model ', charge_model, ' without tiers: deliver them in price_tiers')
        end as wrong,
        _source_file,
        _source_row
    from prices
),

found as (
    select
        price_rule_id, reason_code, 0 as tier_no,
        concat('price row ', price_rule_id, ': ', wrong) as reason,
        _source_file as source_file, _source_row as source_row
    from price_problems
    where reason_code is not null
    union all
    select
        price_rule_id, reason_code, tier_no, reason, _source_file as source_file, _source_row as source_row
    from tier_problems
),

ranked as (
    select
        *,
        row_number() over (partition by price_rule_id order by tier_no, reason_code) as problem_no
    from found
),

final as (
    select
        f.price_rule_id,
        f.reason_code,
        f.reason,
        p.product_offering_id,
        p.charge_code,
        p.service_code,
        p.zone_code,
        p.currency_code,
        p.valid_from_on,
        p.valid_to_on,
        f.source_file,
        f.source_row
    from ranked as f
    inner join prices as p on f.price_rule_id = p.price_rule_id
    where f.problem_no = 1
)

select * from final
