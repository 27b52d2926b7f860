-- the value of each account's month at every point of the chain, from complete sums on either side of each step
with

rated_feed as (
    select count(*) = 1 as is_there
    from {{ ref('stg_tieout__feeds') }}
    where feed = 'rated_usage' and row_count > 0
),

usage_wide as (
    select * from {{ ref('int_controls__usage_points') }}
),

timing as (
    select
        billing_month,
        account_id,
        revenue_stream,
        sum(item_micros) as micros
    from {{ ref('int_controls__listed_items') }}
    where step_code = 'timing'
    group by billing_month, account_id, revenue_stream
),

usage_steps as (
    select
        u.billing_month, u.account_id, u.rerated, u.step_1, u.step_2, u.step_3, u.step_4, u.by_month, u.billed,
        case when f.is_there then u.rerated - u.charged else 0 end as rating,
        coalesce(t.micros, 0) as timing,
        case when f.is_there then u.charged - u.linked - coalesce(t.micros, 0) else 0 end as not_invoiced,
        case when f.is_there then u.linked else u.rerated end + u.by_month - u.billed as invoicing
    from usage_wide as u
    cross join rated_feed as f
    left join timing as t
        on u.billing_month = t.billing_month and u.account_id = t.account_id and t.revenue_stream = 'usage'
),

recurring_steps as (
    select * from {{ ref('int_controls__recurring_points') }}
),

one_off_steps as (
    select
        p.billing_month, p.account_id, p.expected, p.billed,
        coalesce(t.micros, 0) as timing,
        p.expected - p.billed - coalesce(t.micros, 0) as invoicing
    from {{ ref('int_controls__one_off_points') }} as p
    left join timing as t
        on p.billing_month = t.billing_month and p.account_id = t.account_id and t.revenue_stream = 'one_off'
),

final as (
    {% set usage_columns = {
        'expected': 'rerated + step_1 + step_2 + step_3 + step_4 + by_month', 'lost_before_rating': 'step_1',
        'not_in_billing': 'step_2', 'suspense': 'step_3', 'billing_only': 'step_4', 'rating': 'rating',
        'timing': 'timing', 'not_invoiced': 'not_invoiced', 'invoicing': 'invoicing', 'billed': 'billed'
    } %}
    {% for step_code, expression in usage_columns.items() %}
    select
        billing_month, account_id, 'usage' as revenue_stream, '{{ step_code }}' as step_code,
        cast({{ expression }} as bigint) as step_micros
    from usage_steps
    union all
    {% endfor %}
    {% set recurring_columns = {
        'expected': 'entitled', 'not_in_billing': 'not_in_billing', 'billing_only': 'billing_only',
        'invoicing': 'invoicing', 'billed': 'billed'
    } %}
    {% for step_code, expression in recurring_columns.items() %}
    select
        billing_month, account_id, 'recurring' as revenue_stream, '{{ step_code }}' as step_code,
        cast({{ expression }} as bigint) as step_micros
    from recurring_steps
    union all
    {% endfor %}
    {% for step_code in ['expected', 'timing', 'invoicing', 'billed'] %}
    select
        billing_month, account_id, 'one_off' as revenue_stream, '{{ step_code }}' as step_code,
        cast({{ step_code }} as bigint) as step_micros
    from one_off_steps
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from final
