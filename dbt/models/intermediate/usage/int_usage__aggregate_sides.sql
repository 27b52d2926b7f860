-- without rated records usage is compared at the finest level that both sides have: the lines say whether they
-- name the subscription and the service
with

rated_feed as (
    select count(*) = 1 as is_there
    from {{ ref('stg_tieout__feeds') }}
    where feed = 'rated_usage' and row_count > 0
),

subscriptions as (
    select * from {{ ref('int_customers__subscription_accounts') }}
),

lines as (
    select * from {{ ref('int_usage__usage_lines') }}
),

fineness as (
    select
        coalesce(bool_and(subscription_id is not null), true) as has_subscription,
        coalesce(bool_and(service_code is not null), true) as has_service
    from lines
),

-- the charges of events, and what is owed for the month
charges as (
    select event_month, subscription_id, service_code, event_count, charge_micros, event_id
    from {{ ref('int_usage__rerated') }}
    union all
    select
        p.event_month, p.subscription_id, p.service_code, 0 as event_count, p.period_micros as charge_micros,
        cast(null as string) as event_id
    from {{ ref('int_usage__period_charges') }} as p
    inner join {{ ref('int_usage__period_comparison') }} as c
        on p.event_month = c.billing_month and p.subscription_id = c.subscription_id
),

expected as (
    select
        r.event_month as billing_month,
        coalesce(s.account_id, '') as account_id,
        case when f.has_subscription then coalesce(r.subscription_id, '') else '' end as subscription_id,
        case when f.has_service then r.service_code else '' end as service_code,
        cast(sum(r.event_count) as bigint) as event_count,
        cast(sum(coalesce(r.charge_micros, 0)) as bigint) as exact_micros,
        min(r.event_id) as left_key
    from charges as r
    cross join fineness as f
    cross join rated_feed as x
    left join subscriptions as s on r.subscription_id = s.subscription_id
    left join {{ ref('int_customers__prepaid_subscriptions') }} as p on r.subscription_id = p.subscription_id
    where not x.is_there and p.subscription_id is null
    group by
        r.event_month, coalesce(s.account_id, ''),
        case when f.has_subscription then coalesce(r.subscription_id, '') else '' end,
        case when f.has_service then r.service_code else '' end
),

billed as (
    select
        l.billed_month as billing_month,
        l.account_id,
        case when f.has_subscription then coalesce(l.subscription_id, '') else '' end as subscription_id,
        case when f.has_service then coalesce(l.service_code, '') else '' end as service_code,
        max(l.currency_code) as currency_code,
        count(*) as line_count,
        cast(sum(l.line_micros) as bigint) as billed_micros,
        {{ join_texts('l.invoice_line_id') }} as invoice_line_ids,
        min(l._source_file) as right_source_file,
        min(l._source_row) as right_source_row,
        min(l._file_hash) as right_file_hash
    from lines as l
    cross join fineness as f
    cross join rated_feed as x
    where not x.is_there
    group by
        l.billed_month, l.account_id,
        case when f.has_subscription then coalesce(l.subscription_id, '') else '' end,
        case when f.has_service then coalesce(l.service_code, '') else '' end
),

final as (
    select
        f.has_subscription,
        f.has_service,
        coalesce(e.billing_month, b.billing_month) as billing_month,
        coalesce(e.account_id, b.account_id) as account_id,
        coalesce(e.subscription_id, b.subscription_id) as subscription_id,
        coalesce(e.service_code, b.service_code) as service_code,
        coalesce(b.currency_code, '{{ var("currency_code") }}') as currency_code,
        coalesce(e.event_count, 0) as event_count,
        coalesce(e.exact_micros, 0) as exact_micros,
        {{ to_micros(to_cents(from_micros('coalesce(e.exact_micros, 0)'))) }} as expected_micros,
        coalesce(b.line_count, 0) as line_count,
        coalesce(b.billed_micros, 0) as billed_micros,
        b.invoice_line_ids,
        e.left_key,
        b.right_source_file,
        b.right_source_row,
        b.right_file_hash
    from expected as e
    full outer join billed as b
        on
            e.billing_month = b.billing_month
            and e.account_id = b.account_id
            and e.subscription_id = b.subscription_id
            and e.service_code = b.service_code
    cross join fineness as f
)

select * from final
