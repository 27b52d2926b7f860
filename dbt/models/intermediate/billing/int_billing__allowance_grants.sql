-- what each allowance brings in a month, by the subscription that holds its offer; plans and add-ons alike
with

holdings as (
    select subscription_id, account_id, product_offering_id, valid_from_on, valid_to_on, true as is_plan
    from {{ ref('int_customers__plan_periods') }}
    union all
    select h.subscription_id, h.account_id, h.product_offering_id, h.valid_from_on, h.valid_to_on, false as is_plan
    from {{ ref('int_customers__service_history') }} as h
    left join {{ ref('int_customers__prepaid_subscriptions') }} as p on h.subscription_id = p.subscription_id
    where coalesce(h.product_type, '') <> 'plan' and h.status = 'active' and p.subscription_id is null
),

months as (
    select
        spine_on as granted_month,
        {{ add_months_to('spine_on', '1') }} as month_end_on
    from ({{ date_spine(window_from(), add_days(window_to(), -1), 'month') }}) as spine
),

held_in as (
    select h.*, m.granted_month, m.month_end_on
    from holdings as h
    inner join months as m on h.valid_from_on < m.month_end_on and h.valid_to_on > m.granted_month
    union all
    select h.*, m.granted_month, m.month_end_on
    from holdings as h
    inner join {{ ref('int_billing__earlier_allowance_months') }} as m
        on h.account_id = m.account_id and h.valid_from_on < m.month_end_on and h.valid_to_on > m.granted_month
),

held as (
    select
        a.*,
        h.subscription_id,
        h.account_id,
        h.is_plan,
        h.granted_month,
        {{ days_between('h.granted_month', 'h.month_end_on') }} as month_days,
        greatest(h.valid_from_on, h.granted_month, coalesce(a.valid_from_on, h.granted_month)) as held_from_on,
        least(h.valid_to_on, h.month_end_on, coalesce(a.valid_to_on, h.month_end_on)) as held_to_on
    from held_in as h
    inner join {{ ref('stg_billing__allowances') }} as a on h.product_offering_id = a.product_offering_id
),

granted as (
    select
        allowance_id, granted_month, subscription_id, account_id, is_plan, month_days, is_prorated,
        min(held_from_on) as held_from_on,
        max(held_to_on) as held_to_on,
        least(max(month_days), sum({{ days_between('held_from_on', 'held_to_on') }})) as held_days,
        max(case
            when coalesce(allowance_type, 'unit') = 'money' then {{ to_micros('allowance_amount') }}
            else {{ to_milli('allowance_quantity') }}
        end) as whole_units
    from held
    where held_from_on < held_to_on
    group by allowance_id, granted_month, subscription_id, account_id, is_plan, month_days, is_prorated
),

final as (
    select
        allowance_id,
        granted_month,
        subscription_id,
        account_id,
        is_plan,
        held_from_on,
        held_to_on,
        -- by days, rounded half up to a thousandth of a unit or a micro-unit
        case
            when coalesce(is_prorated, false) then {{ ratio_micros('held_days', 'whole_units', 'month_days', '1') }}
            else whole_units
        end as granted_units
    from granted
)

select * from final
