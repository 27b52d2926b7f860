-- what is owed for months against the usage lines that hold no event, by account and subscription
with

rated_feed as (
    select count(*) = 1 as is_there
    from {{ ref('stg_tieout__feeds') }}
    where feed = 'rated_usage' and row_count > 0
),

amounts as (
    select event_month, subscription_id, price_rule_id, period_micros as micros
    from {{ ref('int_usage__period_charges') }}
    union all
    -- where events are rated, none of them is the level that is carried into the month
    select
        r.event_month, r.subscription_id, concat('level of ', r.service_code) as price_rule_id,
        r.charge_micros as micros
    from {{ ref('int_usage__rerated') }} as r
    cross join rated_feed as f
    where f.is_there and not r.is_charged
),

owed as (
    select
        p.event_month as billing_month,
        s.account_id,
        p.subscription_id,
        cast(sum(p.micros) as bigint) as owed_micros,
        {{ join_texts('p.price_rule_id') }} as price_rule_ids
    from amounts as p
    inner join {{ ref('int_customers__subscription_accounts') }} as s on p.subscription_id = s.subscription_id
    inner join {{ ref('stg_crm__accounts') }} as a on s.account_id = a.account_id
    where p.micros <> 0 and a.account_type not in ({{ not_charged_accounts() }})
    group by p.event_month, s.account_id, p.subscription_id
),

lines as (
    select
        billed_month as billing_month,
        account_id,
        subscription_id,
        count(*) as line_count,
        cast(sum(line_micros) as bigint) as line_micros,
        {{ join_texts('invoice_line_id') }} as invoice_line_ids
    from {{ ref('int_usage__usage_lines') }}
    where linked_count = 0
    group by billed_month, account_id, subscription_id
),

final as (
    select
        o.billing_month,
        o.account_id,
        o.subscription_id,
        o.price_rule_ids,
        o.owed_micros,
        coalesce(l.line_count, 0) as line_count,
        coalesce(l.line_micros, 0) as line_micros,
        l.invoice_line_ids
    from owed as o
    left join lines as l
        on o.billing_month = l.billing_month and o.account_id = l.account_id and o.subscription_id = l.subscription_id
)

select * from final
