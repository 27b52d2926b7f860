-- what commitments add to a bill or take off: a true-up, a surcharge on what is above a minimum, a cap
with

commitments as (
    select * from {{ ref('int_billing__priced_commitments') }}
),

periods as (
    select * from {{ ref('int_billing__commitment_periods') }}
    where {{ in_window('billing_month') }}
),

faulty as (
    select distinct source_feed, commitment_id from {{ ref('int_billing__commitment_faults') }}
),

counted as (
    select
        p.source_feed, p.commitment_id, p.period_start_on,
        sum(f.rounded_micros) as rounded_micros,
        sum(f.exact_femtos) as exact_femtos,
        count(*) as fee_count
    from periods as p
    inner join commitments as c on p.source_feed = c.source_feed and p.commitment_id = c.commitment_id
    inner join {{ ref('int_billing__fees') }} as f
        on
            c.account_id = f.account_id
            and p.valid_from_on <= f.counted_on
            and p.valid_to_on > f.counted_on
            and coalesce(c.subscription_id, f.subscription_id) = f.subscription_id
            and coalesce(c.product_offering_id, f.product_offering_id, '') = coalesce(f.product_offering_id, '')
            and (c.charge_type = 'all' or c.charge_type = f.charge_type)
            and coalesce(c.charge_code, f.charge_code) = f.charge_code
    group by p.source_feed, p.commitment_id, p.period_start_on
),

held_against as (
    select
        c.commitment_type, c.has_true_up, c.overage_ratio, c.tax_group_code, c.currency_code, c.account_id,
        c.subscription_id, c.product_offering_id, c.part_decimals,
        p.*,
        cast(coalesce(f.rounded_micros, 0) as bigint) as fee_micros,
        case c.fee_basis
            when 'exact' then cast({{ signed_quotient(
                'p.owed_femtos - coalesce(f.exact_femtos, 0)',
                '1000000000 * ' ~ power_of_ten('6 - c.part_decimals'), "'half_up'"
            ) }} * {{ power_of_ten('6 - c.part_decimals') }} as bigint)
            else cast(p.owed_micros - coalesce(f.rounded_micros, 0) as bigint)
        end as short_micros
    from periods as p
    inner join commitments as c on p.source_feed = c.source_feed and p.commitment_id = c.commitment_id
    left join counted as f
        on
            p.source_feed = f.source_feed
            and p.commitment_id = f.commitment_id
            and p.period_start_on = f.period_start_on
    left join faulty as x on p.source_feed = x.source_feed and p.commitment_id = x.commitment_id
    where x.commitment_id is null
),

final as (
    select
        source_feed,
        commitment_id,
        commitment_type,
        billing_month,
        account_id,
        subscription_id,
        product_offering_id,
        period_start_on,
        valid_from_on,
        valid_to_on,
        part_count,
        full_count,
        owed_micros,
        fee_micros,
        case when commitment_type = 'minimum' and has_true_up then greatest(short_micros, 0) else 0 end
            as true_up_micros,
        case
            when commitment_type = 'minimum' and short_micros < 0 then cast({{ signed_quotient(
                '-short_micros * cast((overage_ratio - 1) * 1000000000 as bigint)',
                '1000000000 * ' ~ power_of_ten('6 - part_decimals'), "'half_up'"
            ) }} * {{ power_of_ten('6 - part_decimals') }} as bigint)
            else 0
        end as overage_micros,
        case when commitment_type = 'maximum' then greatest(-short_micros, 0) else 0 end as cap_micros,
        tax_group_code,
        currency_code
    from held_against
)

select * from final
