-- what counts towards commitments: recurring, one-off and usage charges before discounts, with the day they count on
with

usage_days as (
    select
        u.account_id, u.subscription_id, cast(null as string) as product_offering_id, 'usage' as charge_type,
        u.charge_code, u.charge_key as fee_key, coalesce(p.period_start_on, u.billing_month) as counted_on,
        u.charge_micros as micros
    from {{ ref('int_billing__usage_charges') }} as u
    left join {{ ref('int_billing__account_periods') }} as p
        on u.account_id = p.account_id and u.billing_month = p.billing_month
),

final as (
    select
        account_id,
        subscription_id,
        product_offering_id,
        'recurring' as charge_type,
        charge_code,
        concat(
            piece_type, '|', subscription_id, '|', price_rule_id, '|', cast(period_start_on as string), '|',
            cast(valid_from_on as string), '|', cast(unit_milli as string)
        ) as fee_key,
        valid_from_on as counted_on,
        gross_micros as rounded_micros,
        cast(exact_micros as decimal(38, 0)) * 1000000000 + exact_rest_femtos as exact_femtos
    from {{ ref('int_billing__recurring_items') }}
    where charge_set = 'entitled'
    union all
    select
        account_id, subscription_id, product_offering_id, 'one_off' as charge_type, charge_code,
        concat(
            subscription_id,
            '|',
            coalesce(product_offering_id, ''),
            '|',
            charge_code,
            '|',
            cast(charge_on as string),
            '|',
            coalesce(order_item_id, '')
        ) as fee_key,
        charge_on as counted_on, gross_micros as rounded_micros,
        cast(gross_micros as decimal(38, 0)) * 1000000000 as exact_femtos
    from {{ ref('int_billing__one_off_items') }}
    where charge_set = 'entitled'
    union all
    select
        account_id, subscription_id, product_offering_id, charge_type, charge_code, fee_key, counted_on,
        {{ round_to_step('micros', '10000') }} as rounded_micros,
        cast(micros as decimal(38, 0)) * 1000000000 as exact_femtos
    from usage_days
    union all
    -- what is not in the window was billed before: a commitment of a year counts it
    select
        account_id, subscription_id, product_offering_id, line_type as charge_type, charge_code,
        concat(invoice_number, '|', cast(line_no as string)) as fee_key,
        service_start_on as counted_on,         {{ to_micros('line_amount') }} as rounded_micros,
        cast({{ to_micros('line_amount') }} as decimal(38, 0)) * 1000000000 as exact_femtos
    from {{ ref('stg_tieout__issued_invoice_lines') }}
    where line_type in ('recurring', 'one_off', 'usage') and service_start_on < {{ window_from() }}
)

select * from final
