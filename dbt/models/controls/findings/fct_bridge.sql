-- expected less every step is billed; what neither findings nor listed items explain of a step is unexplained
with

totals as (
    select * from {{ ref('int_controls__step_totals') }}
    where step_micros <> 0
),

findings as (
    select
        billing_month,
        account_id,
        revenue_stream,
        step_code,
        sum(under_micros) as under_micros,
        sum(over_micros) as over_micros
    from {{ ref('int_controls__shares') }}
    where is_reported and revenue_stream in ('usage', 'recurring', 'one_off')
    group by billing_month, account_id, revenue_stream, step_code
),

items as (
    select
        billing_month,
        account_id,
        revenue_stream,
        step_code,
        sum(item_micros) as item_micros
    from {{ ref('int_controls__listed_items') }}
    group by billing_month, account_id, revenue_stream, step_code
),

parts as (
    select
        billing_month, account_id, revenue_stream, step_code,
        step_micros, 0 as under_micros, 0 as over_micros, 0 as item_micros
    from totals
    union all
    select
        billing_month, account_id, revenue_stream, step_code,
        0 as step_micros, under_micros, over_micros, 0 as item_micros
    from findings
    union all
    select
        billing_month, account_id, revenue_stream, step_code,
        0 as step_micros, 0 as under_micros, 0 as over_micros, item_micros
    from items
),

summed as (
    select
        billing_month,
        account_id,
        revenue_stream,
        step_code,
        cast(sum(step_micros) as bigint) as step_micros,
        cast(sum(under_micros) as bigint) as under_micros,
        cast(sum(over_micros) as bigint) as over_micros,
        cast(sum(item_micros) as bigint) as item_micros
    from parts
    group by billing_month, account_id, revenue_stream, step_code
),

accounts as (
    select
        account_id,
        currency_code
    from {{ ref('stg_crm__accounts') }}
),

final as (
    select
        s.billing_month,
        s.account_id,
        s.revenue_stream,
        cast(case s.step_code
            {% for step_code, step_no in bridge_steps() %}when '{{ step_code }}' then {{ step_no }}
            {% endfor %}
        end as integer) as step_no,
        s.step_code,
        coalesce(a.currency_code, '{{ var("currency_code") }}') as currency_code,
        {{ from_micros('s.step_micros') }} as step_amount,
        {{ from_micros('s.under_micros') }} as under_amount,
        {{ from_micros('s.over_micros') }} as over_amount,
        {{ from_micros('s.item_micros') }} as listed_amount,
        case
            when s.step_code in ('expected', 'billed') then cast(0 as decimal(18, 6))
            else {{ from_micros('(s.step_micros - s.under_micros + s.over_micros - s.item_micros)') }}
        end as unexplained_amount
    from summed as s
    left join accounts as a on s.account_id = a.account_id
)

select * from final
