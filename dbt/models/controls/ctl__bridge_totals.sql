-- the value of each account's month at every point of the chain, from complete sums on either side of each step
with

subscriptions as (
    select
        subscription_id,
        min(account_id) as account_id
    from {{ ref('int_customers__service_owners') }}
    group by subscription_id
),

rated_feed as (
    select count(*) = 1 as is_there
    from {{ ref('stg_tieout__feeds') }}
    where feed = 'rated_usage' and row_count > 0
),

rerated as (
    select
        r.event_month as billing_month,
        coalesce(s.account_id, '') as account_id,
        cast(sum(coalesce(r.charge_micros, 0)) as bigint) as micros
    from {{ ref('int_usage__rerated') }} as r
    left join subscriptions as s on r.subscription_id = s.subscription_id
    group by r.event_month, coalesce(s.account_id, '')
),

chain as (
    select
        a.event_month as billing_month,
        coalesce(s.account_id, '') as account_id,
        a.step_no,
        cast(sum(a.step_micros) as bigint) as micros
    from {{ ref('int_usage__step_amounts') }} as a
    left join subscriptions as s on a.subscription_id = s.subscription_id
    group by a.event_month, coalesce(s.account_id, ''), a.step_no
),

charged as (
    select
        {{ month_of('r.event_on') }} as billing_month,
        r.account_id,
        cast(sum({{ to_micros('r.charge_amount') }}) as bigint) as micros
    from {{ ref('stg_billing__rated_usage') }} as r
    left join {{ ref('int_customers__prepaid_subscriptions') }} as p on r.subscription_id = p.subscription_id
    where p.subscription_id is null and {{ in_window('r.event_on') }}
    group by {{ month_of('r.event_on') }}, r.account_id
),

charged_twice as (
    select
        event_month as billing_month,
        account_id,
        cast(sum(charge_micros) as bigint) as micros
    from {{ ref('int_usage__billing_exceptions') }}
    where exception_type = 'billed_twice'
    group by event_month, account_id
),

lines as (
    select
        billed_month as billing_month,
        account_id,
        cast(sum(linked_micros) as bigint) as linked_micros,
        cast(sum(line_micros) as bigint) as line_micros
    from {{ ref('int_usage__usage_lines') }}
    group by billed_month, account_id
),

-- usage: the points of the chain, each a complete sum
usage_points as (
    select billing_month, account_id, 'rerated' as point, micros from rerated
    union all
    select billing_month, account_id, concat('step_', cast(step_no as string)) as point, micros from chain
    union all
    select billing_month, account_id, 'charged' as point, micros from charged
    union all
    select billing_month, account_id, 'charged' as point, -micros from charged_twice
    union all
    select billing_month, account_id, 'linked' as point, linked_micros from lines
    union all
    select billing_month, account_id, 'billed' as point, line_micros from lines
),

usage_wide as (
    select
        billing_month,
        account_id,
        sum(case when point = 'rerated' then micros else 0 end) as rerated,
        sum(case when point = 'step_1' then micros else 0 end) as step_1,
        sum(case when point = 'step_2' then micros else 0 end) as step_2,
        sum(case when point = 'step_3' then micros else 0 end) as step_3,
        sum(case when point = 'step_4' then micros else 0 end) as step_4,
        sum(case when point = 'charged' then micros else 0 end) as charged,
        sum(case when point = 'linked' then micros else 0 end) as linked,
        sum(case when point = 'billed' then micros else 0 end) as billed
    from usage_points
    group by billing_month, account_id
),

timing as (
    select
        billing_month,
        account_id,
        sum(item_micros) as micros
    from {{ ref('ctl__bridge_items') }}
    where step_code = 'timing'
    group by billing_month, account_id
),

usage_steps as (
    select
        u.billing_month, u.account_id, u.rerated, u.step_1, u.step_2, u.step_3, u.step_4, u.billed,
        case when f.is_there then u.rerated - u.charged else 0 end as rating,
        coalesce(t.micros, 0) as timing,
        case when f.is_there then u.charged - u.linked - coalesce(t.micros, 0) else 0 end as not_invoiced,
        case when f.is_there then u.linked - u.billed else u.rerated - u.billed end as invoicing
    from usage_wide as u
    cross join rated_feed as f
    left join timing as t on u.billing_month = t.billing_month and u.account_id = t.account_id
),

recurring as (
    select
        charge_month as billing_month,
        account_id,
        sum(case when charge_set = 'entitled' then net_micros else 0 end) as entitled,
        sum(case when charge_set = 'both' then net_micros else 0 end) as both_views,
        sum(case when charge_set = 'billed' then net_micros else 0 end) as due,
        cast(0 as bigint) as billed
    from {{ ref('int_billing__recurring_charges') }}
    group by charge_month, account_id
    union all
    select
        charge_month as billing_month, account_id,
        sum(-discount_micros) as entitled, sum(-discount_micros) as both_views, sum(-discount_micros) as due,
        cast(0 as bigint) as billed
    from {{ ref('int_billing__account_discounts') }}
    group by charge_month, account_id
    union all
    select
        charge_month as billing_month, account_id,
        cast(0 as bigint) as entitled, cast(0 as bigint) as both_views, cast(0 as bigint) as due,
        sum(billed_micros) as billed
    from {{ ref('int_billing__recurring_comparison') }}
    group by charge_month, account_id
),

recurring_steps as (
    select
        billing_month,
        account_id,
        sum(entitled) as entitled,
        sum(entitled) - sum(both_views) as not_in_billing,
        sum(both_views) - sum(due) as billing_only,
        sum(due) - sum(billed) as invoicing,
        sum(billed) as billed
    from recurring
    group by billing_month, account_id
),

final as (
    {% set usage_columns = {
        'expected': 'rerated + step_1 + step_2 + step_3 + step_4', 'lost_before_rating': 'step_1',
        'not_in_billing': 'step_2', 'suspense': 'step_3', 'billing_only': 'step_4', 'rating': 'rating',
        'timing': 'timing', 'not_invoiced': 'not_invoiced', 'invoicing': 'invoicing', 'billed': 'billed'
    } %}
    {% for step_code, expression in usage_columns.items() %}
    select billing_month, account_id, 'usage' as revenue_stream, '{{ step_code }}' as step_code,
        cast({{ expression }} as bigint) as step_micros
    from usage_steps
    union all
    {% endfor %}
    {% set recurring_columns = {
        'expected': 'entitled', 'not_in_billing': 'not_in_billing', 'billing_only': 'billing_only',
        'invoicing': 'invoicing', 'billed': 'billed'
    } %}
    {% for step_code, expression in recurring_columns.items() %}
    select billing_month, account_id, 'recurring' as revenue_stream, '{{ step_code }}' as step_code,
        cast({{ expression }} as bigint) as step_micros
    from recurring_steps
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from final
