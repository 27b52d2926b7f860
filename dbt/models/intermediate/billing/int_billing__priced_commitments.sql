-- commitments of both feeds, each with the series of periods that it is kept by
with

united as (
    select
        commitment_id, account_id, subscription_id, product_offering_id, commitment_type, commitment_amount,
        coalesce(charge_type, 'all') as charge_type, charge_code,
        case when coalesce(is_prorated, true) then coalesce(proration_type, 'day') else 'none' end as proration_type,
        coalesce(has_true_up, true) as has_true_up,
        coalesce(overage_ratio, 1) as overage_ratio,
        coalesce(fee_basis, 'rounded') as fee_basis,
        cast(coalesce(rounding_decimals, 2) as bigint) as part_decimals,
        period_unit, period_count, period_alignment, anchor_on, tax_group_code, currency_code,
        valid_from_on, valid_to_on, 'commitments' as source_feed, _source_file, _source_row, _file_hash
    from {{ ref('stg_crm__commitments') }}
    union all
    select
        agreement_id as commitment_id, account_id, cast(null as string) as subscription_id,
        cast(null as string) as product_offering_id, 'minimum' as commitment_type, commitment_amount,
        'all' as charge_type, cast(null as string) as charge_code, 'day' as proration_type,
        true as has_true_up, 1 as overage_ratio, 'rounded' as fee_basis, cast(2 as bigint) as part_decimals,
        cast(null as string) as period_unit, cast(null as bigint) as period_count,
        cast(null as string) as period_alignment, cast(null as date) as anchor_on,
        cast(null as string) as tax_group_code, currency_code,
        valid_from_on, valid_to_on, 'agreements_b2b' as source_feed, _source_file, _source_row, _file_hash
    from {{ ref('stg_crm__agreements_b2b') }}
    where commitment_amount > 0
),

accounts as (
    select * from {{ ref('int_billing__account_bill_days') }}
),

aligned as (
    select
        u.*,
        case when u.period_unit in ('day', 'week') then 'day' else 'month' end as series_unit,
        cast(coalesce(u.period_count, 1) as bigint)
        * case u.period_unit when 'week' then 7 when 'year' then 12 else 1 end as series_step,
        coalesce(a.bill_day, 1) as bill_day,
        case when coalesce(a.is_changed, false) then u.account_id end as changing_account_id,
        case
            when u.period_alignment = 'bill_day' and u.period_unit in ('day', 'week') then 'start'
            when u.period_alignment = 'calendar' and u.period_unit = 'day' then 'start'
            when u.period_alignment is not null then u.period_alignment
            when u.period_unit = 'day' then 'start'
            when u.period_unit = 'week' then 'calendar'
            when coalesce(a.has_bill_day, false) then 'bill_day'
            else 'calendar'
        end as alignment
    from united as u
    left join accounts as a on u.account_id = a.account_id
),

anchored as (
    select
        *,
        case alignment
            when 'calendar' then cast('2001-01-01' as date)
            else coalesce(anchor_on, valid_from_on)
        end as counted_from_on
    from aligned
    where series_step > 0
),

final as (
    select
        commitment_id,
        account_id,
        subscription_id,
        product_offering_id,
        commitment_type,
        {{ to_micros('commitment_amount') }} as commitment_micros,
        charge_type,
        charge_code,
        proration_type,
        has_true_up,
        cast(overage_ratio as decimal(18, 9)) as overage_ratio,
        fee_basis,
        part_decimals,
        series_unit,
        series_step,
        case series_unit
            when 'month' then {{ month_number('counted_from_on') }} % series_step
            else {{ day_number('counted_from_on') }} % series_step
        end as series_anchor,
        case
            when series_unit = 'day' then 0
            when alignment = 'bill_day' then bill_day
            else cast(day(counted_from_on) as bigint)
        end as anchor_day,
        case when alignment = 'bill_day' then changing_account_id end as changing_account_id,
        tax_group_code,
        currency_code,
        valid_from_on,
        {{ open_end('valid_to_on') }} as valid_to_on,
        source_feed,
        _source_file,
        _source_row,
        _file_hash
    from anchored
)

select * from final
