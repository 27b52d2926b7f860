-- what a quantity of a month costs, tier by tier: base_micros and base_numerator hold the tiers below, so that the
-- charge of any quantity is found in the one tier in which it ends
with

prices as (
    select * from {{ ref('int_catalogue__prices') }}
    where
        charge_type = 'usage'
        and charge_model in ('graduated', 'volume', 'package', 'blocks', 'graduated_percentage', 'capacity')
        and tier_basis = 'month'
),

tiers as (
    select
        p.price_rule_id,
        p.charge_model,
        p.tier_policy,
        t.tier_no,
        coalesce(t.metric_code, '') as metric_code,
        -- a capacity of nothing has its tier, too
        coalesce(
            lag({{ tier_bound('t.upper_quantity') }}) over (
                partition by p.price_rule_id, t.metric_code order by t.tier_no
            ),
            case when p.charge_model = 'capacity' then -1 else 0 end
        ) as from_milli,
        coalesce({{ tier_bound('t.upper_quantity') }}, 9000000000000000000) as to_milli,
        case
            when p.charge_model = 'graduated_percentage' then {{ to_billionths('t.rate_ratio') }}
            else {{ to_micros('t.price_amount') }}
        end as price_micros,
        case
            when p.charge_model = 'graduated_percentage' then 1000000000
            else coalesce({{ to_milli('t.unit_quantity') }}, p.unit_milli)
        end as unit_milli,
        {{ to_micros('coalesce(t.flat_amount, 0)') }} as flat_micros
    from prices as p
    inner join {{ ref('stg_billing__price_tiers') }} as t on p.price_rule_id = t.price_rule_id
    where p.charge_model <> 'package'
    union all
    select
        price_rule_id,
        charge_model,
        tier_policy,
        1 as tier_no,
        '' as metric_code,
        0 as from_milli,
        9000000000000000000 as to_milli,
        price_micros,
        unit_milli,
        0 as flat_micros
    from prices
    where charge_model = 'package'
),

shaped as (
    select
        *,
        charge_model in ('package', 'blocks') as is_stepped,
        charge_model = 'volume' or (charge_model = 'blocks' and tier_policy = 'top_tier') as is_by_total,
        case
            when charge_model = 'blocks' and to_milli < 9000000000000000000
                then {{ integer_divide('to_milli - from_milli + unit_milli - 1', 'unit_milli') }} * price_micros
            else 0
        end as blocks_micros,
        case
            when to_milli < 9000000000000000000 then {{ wide_integer('to_milli - from_milli') }} * price_micros
            else 0
        end as numerator
    from tiers
),

summed as (
    select
        *,
        cast(sum(flat_micros) over (
            partition by price_rule_id order by tier_no rows between unbounded preceding and current row
        ) as bigint) as flats_micros,
        cast(sum(blocks_micros) over (
            partition by price_rule_id order by tier_no rows between unbounded preceding and 1 preceding
        ) as bigint) as blocks_below_micros,
        sum(numerator) over (
            partition by price_rule_id order by tier_no rows between unbounded preceding and 1 preceding
        ) as numerator_below
    from shaped
),

final as (
    select
        price_rule_id,
        tier_no,
        metric_code,
        from_milli,
        to_milli,
        price_micros,
        unit_milli,
        flat_micros,
        is_stepped,
        is_by_total,
        case when is_by_total then 0 else from_milli end as start_milli,
        case
            when is_by_total then flat_micros
            when is_stepped then flats_micros + coalesce(blocks_below_micros, 0)
            else flats_micros
        end as base_micros,
        case
            when is_by_total or is_stepped or charge_model = 'capacity' then 0 else
                coalesce({{ wide_integer('numerator_below') }}, 0)
        end
            as base_numerator
    from summed
)

select * from final
