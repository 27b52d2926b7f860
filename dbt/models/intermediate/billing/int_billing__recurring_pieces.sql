-- what each piece of a period costs at the approved price, exact and rounded once
with

pieces as (
    select
        c.*,
        p.price_micros, p.tax_group_code, p.currency_code, p.factor_decimals, p.part_decimals, p.rounding_mode,
        case c.proration_type
            when 'none' then case when c.piece_no = 1 then 1 else 0 end
            when 'second' then coalesce(s.second_count, 0)
            when 'fixed_30' then {{ part_units('c', 'p.fixed_day_count') }}
            when 'day_inclusive' then {{ days_between('c.valid_from_on', 'c.valid_to_on') }} + 1
            else {{ days_between('c.valid_from_on', 'c.valid_to_on') }}
        end as part_count,
        case c.proration_type
            when 'none' then 1
            when 'second' then coalesce(s.full_second_count, 1)
            when 'fixed_30' then {{ full_units('c', 'p.fixed_day_count') }}
            when 'day_inclusive' then {{ days_between('c.full_start_on', 'c.full_end_on') }} + 1
            else {{ days_between('c.full_start_on', 'c.full_end_on') }}
        end as full_count
    from {{ ref('int_billing__charge_pieces') }} as c
    inner join {{ ref('int_catalogue__prices') }} as p on c.price_rule_id = p.price_rule_id
    left join {{ ref('int_billing__piece_seconds') }} as s
        on
            c.piece_type = s.piece_type
            and c.charge_set = s.charge_set
            and c.subscription_id = s.subscription_id
            and c.price_rule_id = s.price_rule_id
            and c.period_start_on = s.period_start_on
            and c.valid_from_on = s.valid_from_on
            and c.service_from_on = s.service_from_on
            and c.unit_milli = s.unit_milli
),

-- the share of the period as a fraction of whole numbers, rounded before the price is taken where that is said
shares as (
    select
        *,
        {{ wide_integer(
            'case when factor_decimals is null then full_count else ' ~ power_of_ten('factor_decimals') ~ ' end'
        ) }} as share_denominator,
        case
            when factor_decimals is null then {{ wide_integer('part_count') }}
            else {{ signed_quotient(
                wide_integer('part_count') ~ ' * ' ~ power_of_ten('factor_decimals'), wide_integer('full_count'),
                "'half_up'"
            ) }}
        end as share_numerator
    from pieces
),

-- in thousand-billionths of a micro-unit (15 decimals) and, in a credit, negative
scaled as (
    select
        *,
        case piece_type when 'credit' then -1 else 1 end
        * {{ wide_integer('price_micros') }} * unit_milli * share_numerator as product,
        {{ power_of_ten('15 - part_decimals') }} as step_femtos
    from shares
),

charged as (
    select
        *,
        {{ signed_quotient('product * 1000000', 'share_denominator', "'half_up'") }} as exact_femtos,
        {{ signed_quotient('product * 1000000', 'share_denominator * step_femtos', 'rounding_mode') }}
        * step_femtos as gross_femtos
    from scaled
),

booked as (
    select
        *,
        cast({{ signed_quotient('exact_femtos', '1000000000', "'half_up'") }} as bigint) as exact_micros,
        cast({{ signed_quotient('gross_femtos', '1000000000', "'half_up'") }} as bigint) as gross_micros
    from charged
),

final as (
    select
        piece_type,
        charge_set,
        account_id,
        subscription_id,
        service_id,
        product_offering_id,
        charge_code,
        price_rule_id,
        price_micros,
        unit_milli,
        proration_type,
        charge_timing,
        tax_group_code,
        currency_code,
        period_start_on,
        period_end_on,
        full_start_on,
        full_end_on,
        is_bridge,
        bridge_basis,
        term_from_on,
        valid_from_on,
        valid_to_on,
        service_from_on,
        service_to_on,
        part_count,
        full_count,
        cast(share_numerator as decimal(38, 0)) as share_numerator,
        cast(share_denominator as decimal(38, 0)) as share_denominator,
        exact_micros,
        cast(exact_femtos - cast(exact_micros as decimal(38, 0)) * 1000000000 as bigint) as exact_rest_femtos,
        gross_micros,
        cast(gross_femtos - cast(gross_micros as decimal(38, 0)) * 1000000000 as bigint) as gross_rest_femtos
    from booked
)

select * from final
