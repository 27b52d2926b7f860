-- each commitment in each of its periods, or the part of it in which it binds, with the amount for that part
with

commitments as (
    select
        *,
        {{ series_key('series_unit', 'series_step', 'series_anchor', 'anchor_day', 'changing_account_id') }}
            as series_key
    from {{ ref('int_billing__priced_commitments') }}
),

-- a commitment for a subscription or an offer binds while there is one
lives as (
    select
        account_id, subscription_id, product_offering_id,
        min(valid_from_on) as valid_from_on, max(valid_to_on) as valid_to_on
    from {{ ref('int_billing__chargeable_periods') }}
    where charge_set = 'entitled'
    group by account_id, subscription_id, product_offering_id
),

bound as (
    select
        c.source_feed, c.commitment_id,
        greatest(c.valid_from_on, coalesce(min(l.valid_from_on), c.valid_from_on)) as valid_from_on,
        least(c.valid_to_on, coalesce(max(l.valid_to_on), c.valid_to_on)) as valid_to_on
    from commitments as c
    left join lives as l
        on
            c.account_id = l.account_id
            and coalesce(c.subscription_id, c.product_offering_id) is not null
            and coalesce(c.subscription_id, l.subscription_id) = l.subscription_id
            and coalesce(c.product_offering_id, l.product_offering_id) = l.product_offering_id
    group by c.source_feed, c.commitment_id, c.valid_from_on, c.valid_to_on
),

met as (
    select
        c.source_feed, c.commitment_id, c.account_id, c.commitment_micros, c.proration_type, c.part_decimals,
        c.series_unit, c.series_step, p.period_start_on, p.period_end_on, p.full_start_on, p.full_end_on,
        greatest(b.valid_from_on, p.period_start_on) as valid_from_on,
        least(b.valid_to_on, p.period_end_on) as valid_to_on
    from commitments as c
    inner join bound as b on c.source_feed = b.source_feed and c.commitment_id = b.commitment_id
    inner join {{ ref('int_billing__charge_periods') }} as p
        on c.series_key = p.series_key and b.valid_from_on < p.period_end_on and b.valid_to_on > p.period_start_on
),

measured as (
    select
        *,
        {{ wide_integer("case proration_type
            when 'none' then 1
            when 'fixed_30' then " ~ part_units('met', '30') ~ "
            when 'day_inclusive' then " ~ days_between('valid_from_on', 'valid_to_on') ~ " + 1
            else " ~ days_between('valid_from_on', 'valid_to_on') ~ "
        end") }} as part_count,
        {{ wide_integer("case proration_type
            when 'none' then 1
            when 'fixed_30' then " ~ full_units('met', '30') ~ "
            when 'day_inclusive' then " ~ days_between('full_start_on', 'full_end_on') ~ " + 1
            else " ~ days_between('full_start_on', 'full_end_on') ~ "
        end") }} as full_count
    from met
),

final as (
    select
        m.source_feed,
        m.commitment_id,
        coalesce(a.billing_month, {{ month_of(add_days('m.valid_to_on', -1)) }}) as billing_month,
        m.period_start_on,
        m.period_end_on,
        m.valid_from_on,
        m.valid_to_on,
        cast(m.part_count as bigint) as part_count,
        cast(m.full_count as bigint) as full_count,
        cast(
            {{ signed_quotient('m.commitment_micros * m.part_count * 1000000000', 'm.full_count', "'half_up'") }}
            as decimal(38, 0)
        ) as owed_femtos,
        cast({{ signed_quotient(
            'm.commitment_micros * m.part_count', 'm.full_count * ' ~ power_of_ten('6 - m.part_decimals'), "'half_up'"
        ) }} * {{ power_of_ten('6 - m.part_decimals') }} as bigint) as owed_micros
    from measured as m
    left join {{ ref('int_billing__account_periods') }} as a
        on
            m.account_id = a.account_id
            and {{ add_days('m.valid_to_on', -1) }} >= a.period_start_on
            and {{ add_days('m.valid_to_on', -1) }} < a.period_end_on
)

select * from final
