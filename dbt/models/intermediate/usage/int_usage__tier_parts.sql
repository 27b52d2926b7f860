-- what the tiers of a month hold and cost, of the last bill of the month: all of it less what was billed before
with

prices as (
    select * from {{ ref('int_catalogue__month_prices') }}
    where has_tiers and not is_level
),

measured as (
    select
        s.event_month,
        s.subscription_id,
        s.price_rule_id,
        p.rounding_mode,
        cast(sum(s.measured) as bigint) as all_measured,
        cast(sum(case when s.is_billed_before then s.measured else 0 end) as bigint) as before_measured
    from {{ ref('int_usage__month_sums') }} as s
    inner join prices as p on s.price_rule_id = p.price_rule_id
    group by s.event_month, s.subscription_id, s.price_rule_id, p.rounding_mode
),

shared as (
    select
        m.*,
        t.tier_no,
        t.price_micros,
        t.unit_milli,
        t.flat_micros,
        t.is_stepped,
        greatest(0, least(m.all_measured, t.to_milli) - t.start_milli) as all_part,
        greatest(0, least(m.before_measured, t.to_milli) - t.start_milli) as before_part
    from measured as m
    inner join {{ ref('int_catalogue__usage_tiers') }} as t
        on
            m.price_rule_id = t.price_rule_id
            and m.all_measured > t.from_milli
            and (not t.is_by_total or m.all_measured <= t.to_milli)
),

units as (
    select
        *,
        {{ integer_divide('all_part + unit_milli - 1', 'unit_milli') }}
        - {{ integer_divide('before_part + unit_milli - 1', 'unit_milli') }} as unit_count,
        {{ wide_integer('all_part - before_part') }} * price_micros as numerator,
        case when all_part > 0 and before_part = 0 then flat_micros else 0 end as fixed_micros
    from shared
),

final as (
    select
        event_month,
        subscription_id,
        price_rule_id,
        tier_no,
        all_part - before_part as measured,
        case when is_stepped then unit_count end as unit_count,
        price_micros,
        unit_milli,
        fixed_micros,
        cast(case
            when is_stepped then unit_count * price_micros
            else {{ divide_rounded('numerator', 'unit_milli', 'rounding_mode') }}
        end + fixed_micros as bigint) as part_micros
    from units
    where all_part > before_part
)

select * from final
