-- recurring charges, one-off charges and what commitments owe, on the bills that they fall due on
with

items as (
    select
        i.*,
        l.gross_micros as limited_micros,
        concat(
            i.account_id, '|', cast(i.charge_month as string), '|recurring|', i.subscription_id, '|',
            i.product_offering_id, '|', i.charge_code,
            case when i.piece_type = 'credit' then '|credit' else '' end,
            case when i.billing_month <> i.charge_month then concat('|', cast(i.billing_month as string)) else '' end
        ) as charge_key
    from {{ ref('int_billing__recurring_items') }} as i
    left join {{ ref('int_billing__limited_credits') }} as l
        on
            i.piece_type = 'credit'
            and i.subscription_id = l.subscription_id
            and i.price_rule_id = l.price_rule_id
            and i.period_start_on = l.period_start_on
            and i.valid_from_on = l.valid_from_on
            and i.unit_milli = l.unit_milli
    where i.charge_set = 'entitled' and i.account_id is not null and {{ in_window('i.billing_month') }}
),

recurring as (
    select
        charge_key, billing_month, account_id, 'recurring' as line_type, subscription_id,
        max(service_id) as service_id, product_offering_id, charge_code, max(price_rule_id) as price_rule_id,
        max(tax_group_code) as tax_group_code,
        cast(case when sum(gross_micros) = max(price_micros) then 1 end as decimal(18, 3)) as quantity,
        case when sum(gross_micros) = max(price_micros) then 'month' end as unit_code,
        cast(sum(coalesce(limited_micros, gross_micros)) as bigint) as gross_micros,
        cast(sum(
            case when coalesce(limited_micros, gross_micros) = gross_micros then discount_micros else 0 end
        ) as bigint) as discount_micros,
        max(discount_id) as discount_id, min(valid_from_on) as service_start_on, max(valid_to_on) as service_end_on,
        concat(
            {{ amount_text('max(price_micros)') }},
            case
                when
                    max(unit_milli) <> 1000
                    then concat(' x ', cast(cast(max(unit_milli) * 0.001 as decimal(18, 3)) as string))
                else ''
            end,
            case when max(proration_type) = 'second' then ' a period, ' else ' a month, ' end,
            cast(sum(part_count) as string), ' of ', cast(max(full_count) as string),
            case when max(proration_type) = 'second' then ' seconds' else ' days' end,
            case when bool_or(is_bridge) then concat(
                ' of the period from ', cast(min(full_start_on) as string), ' to ', cast(max(full_end_on) as string),
                ', bridge to another bill day'
            ) else '' end,
            case when max(piece_type) = 'credit' then ', given back' else '' end,
            case when max(limited_micros) is not null then ', limited to what was invoiced' else '' end,
            ' = ', {{ amount_text('sum(coalesce(limited_micros, gross_micros))') }}
        ) as arithmetic
    from items
    group by charge_key, billing_month, account_id, subscription_id, product_offering_id, charge_code
),

one_off as (
    select
        charge_key,
        billing_month, account_id, 'one_off' as line_type, subscription_id, service_id, product_offering_id,
        charge_code,
        price_rule_id, tax_group_code, cast(null as decimal(18, 3)) as quantity, cast(null as string) as unit_code,
        gross_micros, cast(0 as bigint) as discount_micros, cast(null as string) as discount_id,
        charge_on as service_start_on, {{ add_days('charge_on', 1) }} as service_end_on,
        concat(
            {{ amount_text('price_micros') }}, ' x ', cast(cast(unit_milli * 0.001 as decimal(18, 3)) as string), ' = ',
            {{ amount_text('gross_micros') }}
        ) as arithmetic
    from {{ ref('int_billing__one_off_items') }}
    where charge_set = 'entitled' and account_id is not null and {{ in_window('billing_month') }}
),

commitments as (
    select *, 'true_up' as part, 'minimum' as line_type, true_up_micros as micros
    from {{ ref('int_billing__commitment_charges') }}
    where true_up_micros <> 0
    union all
    select *, 'overage' as part, 'minimum' as line_type, overage_micros as micros
    from {{ ref('int_billing__commitment_charges') }}
    where overage_micros <> 0
    union all
    select *, 'cap' as part, 'discount' as line_type, -cap_micros as micros
    from {{ ref('int_billing__commitment_charges') }}
    where cap_micros <> 0
),

final as (
    select * from recurring
    union all
    select * from one_off
    union all
    select
        concat(
            account_id, '|', cast(period_start_on as string), '|', line_type, '|', source_feed, '|', commitment_id,
            '|', part
        ) as charge_key,
        billing_month, account_id, line_type, subscription_id, cast(null as string) as service_id, product_offering_id,
        commitment_id as charge_code, cast(null as string) as price_rule_id, tax_group_code,
        cast(null as decimal(18, 3)) as quantity, cast(null as string) as unit_code, micros as gross_micros,
        cast(0 as bigint) as discount_micros, cast(null as string) as discount_id,
        valid_from_on as service_start_on, valid_to_on as service_end_on,
        concat(
            commitment_type, ' of ', {{ amount_text('owed_micros') }}, ' for ', cast(part_count as string), ' of ',
            cast(full_count as string), ', charged ', {{ amount_text('fee_micros') }},
            ' = ', {{ amount_text('micros') }}
        ) as arithmetic
    from commitments
)

select * from final
