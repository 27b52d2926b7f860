-- recurring pieces net of percentage discounts, with the month that they are of and the month whose bill they are on
with

pieces as (
    select
        *,
        charge_timing = 'advance' and piece_type = 'charge' and service_from_on <= period_start_on as is_ahead,
        case
            when piece_type = 'credit' then valid_from_on
            when charge_timing = 'advance' then greatest(service_from_on, period_start_on)
            when valid_to_on = service_to_on then {{ add_days('valid_to_on', -1) }}
            else {{ add_days('period_end_on', -1) }}
        end as due_on
    from {{ ref('int_billing__recurring_pieces') }}
),

account_periods as (
    select
        account_id,
        billing_month,
        period_start_on,
        period_end_on,
        lag(billing_month) over (partition by account_id order by period_start_on) as previous_month
    from {{ ref('int_billing__account_periods') }}
    where has_bill_day
),

-- a charge in advance is on the bill before its period, but not before that of the period in which the service began
dated as (
    select
        p.*,
        case
            when not p.is_ahead then coalesce(a.billing_month, {{ month_of('p.due_on') }})
            else greatest(
                coalesce(a.previous_month, {{ add_months_to(month_of('p.due_on'), -1) }}),
                coalesce(b.billing_month, case when a.billing_month is null then {{ month_of('p.term_from_on') }} end)
            )
        end as billing_month
    from pieces as p
    left join account_periods as a
        on p.account_id = a.account_id and p.due_on >= a.period_start_on and p.due_on < a.period_end_on
    left join account_periods as b
        on
            p.account_id = b.account_id
            and p.is_ahead
            and p.term_from_on >= b.period_start_on
            and p.term_from_on < b.period_end_on
),

discounts as (
    select * from {{ ref('int_billing__percent_discounts') }}
    where charge_type = 'recurring'
),

final as (
    select
        c.piece_type,
        c.charge_set,
        {{ month_of('c.valid_from_on') }} as charge_month,
        c.billing_month,
        c.account_id,
        c.subscription_id,
        c.service_id,
        c.product_offering_id,
        c.charge_code,
        c.tax_group_code,
        c.currency_code,
        c.price_rule_id,
        c.price_micros,
        c.unit_milli,
        c.proration_type,
        c.charge_timing,
        d.discount_id,
        c.period_start_on,
        c.period_end_on,
        c.full_start_on,
        c.full_end_on,
        c.is_bridge,
        c.bridge_basis,
        c.valid_from_on,
        c.valid_to_on,
        c.part_count,
        c.full_count,
        c.share_numerator,
        c.share_denominator,
        c.exact_micros,
        c.exact_rest_femtos,
        c.gross_micros,
        c.gross_rest_femtos,
        case when c.gross_micros < 0 then -1 else 1 end * coalesce(
            {{ ratio_micros('abs(c.gross_micros)', 'cast(d.rate_ratio * 1000000 as bigint)', '1000000', '10000') }}, 0
        ) as discount_micros
    from dated as c
    left join discounts as d
        on
            c.subscription_id = d.subscription_id
            and coalesce(d.charge_code, c.charge_code) = c.charge_code
            and coalesce(d.product_offering_id, c.product_offering_id) = c.product_offering_id
            and c.valid_from_on >= d.valid_from_on
            and c.valid_from_on < d.valid_to_on
    where
        ({{ in_window(month_of('c.valid_from_on')) }})
        or ({{ in_window('c.billing_month') }})
)

select * from final
