-- the billing periods of each account; two that begin in one month, as a bill day moves, are on one bill
with

accounts as (
    select * from {{ ref('int_billing__account_bill_days') }}
),

keyed as (
    select
        account_id,
        has_bill_day,
        {{ series_key(
            "'month'", '1', '0', 'case when is_changed then 1 else bill_day end',
            'case when is_changed then account_id end'
        ) }} as series_key
    from accounts
),

final as (
    select
        k.account_id,
        {{ month_of('p.period_start_on') }} as billing_month,
        min(p.period_start_on) as period_start_on,
        max(p.period_end_on) as period_end_on,
        bool_or(k.has_bill_day) as has_bill_day,
        bool_or(p.is_bridge) as is_bridge
    from keyed as k
    inner join {{ ref('int_billing__charge_periods') }} as p on k.series_key = p.series_key
    where
        p.period_end_on > {{ add_months_to(window_from(), -2) }}
        and p.period_start_on < {{ add_months_to(window_to(), 3) }}
    group by k.account_id, {{ month_of('p.period_start_on') }}
)

select * from final
