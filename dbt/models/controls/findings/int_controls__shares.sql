-- what each candidate moves in the bridge: by account, stream and month; most belong to one account
with

candidates as (
    select * from {{ ref('int_controls__candidates') }}
    where under_micros <> 0 or over_micros <> 0
),

owned as (
    select * from {{ ref('int_usage__owned_amounts') }}
    where control_id in ('USG-01', 'USG-02', 'ORD-02')
),

whole as (
    select
        finding_id, control_id, is_reported, account_id, revenue_stream, step_code,
        period as billing_month, under_micros, over_micros, currency_code
    from candidates
    where control_id not in ('USG-01', 'USG-02', 'ORD-02', 'BIL-04', 'BIL-05', 'POM-01', 'POM-07')
),

-- an invoice has charges of several months, and a copied one lines of both streams
invoice_shares as (
    select
        f.finding_id, f.control_id, f.is_reported, o.account_id, o.revenue_stream, f.step_code,
        o.charge_month as billing_month,
        greatest(sum(o.owned_micros), 0) as under_micros,
        greatest(-sum(o.owned_micros), 0) as over_micros,
        f.currency_code
    from candidates as f
    inner join {{ ref('int_billing__owned_charges') }} as o
        on f.control_id = o.control_id and f.category = o.category and f.value_key = o.value_key
    where f.control_id in ('BIL-04', 'BIL-05') and o.listed_reason is null
    group by
        f.finding_id, f.control_id, f.is_reported, o.account_id, o.revenue_stream, f.step_code, o.charge_month,
        f.currency_code
),

usage_shares as (
    select
        f.finding_id, f.control_id, f.is_reported, o.account_id, 'usage' as revenue_stream, o.step_code,
        o.event_month as billing_month,
        sum(greatest(o.step_micros, 0)) as under_micros,
        sum(greatest(-o.step_micros, 0)) as over_micros,
        f.currency_code
    from candidates as f
    inner join owned as o
        on f.control_id = o.control_id and f.category = o.category and f.value_key = o.value_key
    where f.control_id = 'USG-01' or f.period = o.event_month
    group by
        f.finding_id, f.control_id, f.is_reported, o.account_id, o.step_code, o.event_month, f.currency_code
),

-- a price row is used by many accounts
price_shares as (
    select
        f.finding_id, f.control_id, f.is_reported, o.account_id, f.revenue_stream, f.step_code,
        o.event_month as billing_month,
        sum(greatest(o.expected_micros - o.charged_micros, 0)) as under_micros,
        sum(greatest(o.charged_micros - o.expected_micros, 0)) as over_micros,
        f.currency_code
    from candidates as f
    inner join {{ ref('int_usage__difference_owners') }} as o
        on f.control_id = o.control_id and f.value_key = o.owner_key and f.period = o.event_month
    where f.control_id in ('POM-01', 'POM-07')
    group by
        f.finding_id, f.control_id, f.is_reported, o.account_id, f.revenue_stream, f.step_code, o.event_month,
        f.currency_code
),

recurring_shares as (
    select
        f.finding_id, f.control_id, f.is_reported, f.account_id, 'recurring' as revenue_stream, f.step_code,
        f.period as billing_month,
        sum(d.under_micros) as under_micros,
        cast(0 as bigint) as over_micros,
        f.currency_code
    from candidates as f
    inner join {{ ref('int_billing__entitlement_differences') }} as d
        on
            f.subscription_id = d.subscription_id
            and f.value_key = concat(d.service_id, '|', d.product_offering_id)
            and f.period = d.charge_month
    where f.control_id = 'ORD-02'
    group by
        f.finding_id, f.control_id, f.is_reported, f.account_id, f.step_code, f.period, f.currency_code
),

final as (
    select
        finding_id,
        control_id,
        is_reported,
        coalesce(account_id, '') as account_id,
        revenue_stream,
        step_code,
        billing_month,
        cast(under_micros as bigint) as under_micros,
        cast(over_micros as bigint) as over_micros,
        currency_code
    from (
        select * from whole
        union all
        select * from invoice_shares
        union all
        select * from usage_shares
        union all
        select * from price_shares
        union all
        select * from recurring_shares
    ) as shares
    where under_micros <> 0 or over_micros <> 0
)

select * from final
