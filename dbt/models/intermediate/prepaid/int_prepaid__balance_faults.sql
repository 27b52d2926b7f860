-- prepaid subscriptions with more unit balances than are reckoned: their usage is held, not debited from some
with

-- the first balance that there is no room for
unused as (
    select * from {{ ref('int_prepaid__balances') }}
    where slot_no = {{ balance_slots() | last }} + 1
),

-- what the usage would cost if money paid all of it
used as (
    select
        t.subscription_id,
        {{ month_of('t.event_on') }} as billing_month,
        cast(sum(coalesce(t.whole_micros, {{ ratio_micros(
            '(' ~ round_up_to_increments('t.quantity_milli') ~ ')', 't.price_micros', 't.unit_milli', 't.rounding_step_micros'
        ) }} + t.connect_micros, 0)) as bigint) as estimated_micros,
        count(*) as prepaid_event_count
    from {{ ref('int_prepaid__events') }} as t
    group by t.subscription_id, {{ month_of('t.event_on') }}
),

owners as (
    select * from {{ ref('int_customers__subscription_accounts') }}
),

final as (
    select
        u.subscription_no,
        u.subscription_id,
        o.account_id,
        coalesce(e.billing_month, {{ last_month() }}) as billing_month,
        'BALANCE_LIMIT' as reason_code,
        concat(
            d._source_file, ':', cast(d._source_row as string), ': balance ', u.balance_code, ' of subscription ',
            u.subscription_id, ' is its unit balance number ', cast(u.slot_no as string), ' and there is room for ',
            '{{ balance_slots() | last }}; ', cast(coalesce(e.prepaid_event_count, 0) as string),
            ' prepaid events are not debited: merge balances and run again'
        ) as reason,
        d._source_file as source_file,
        cast(d._source_row as bigint) as source_row,
        coalesce(e.estimated_micros, 0) as estimated_micros
    from unused as u
    inner join {{ ref('stg_billing__balance_definitions') }} as d on u.balance_code = d.balance_code
    left join used as e on u.subscription_id = e.subscription_id
    left join owners as o on u.subscription_id = o.subscription_id
)

select * from final
