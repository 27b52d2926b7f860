-- every delivered event of a bill run is on a line, held, or of a kind that no bill charges
with

delivered as (
    select count(*) as events
    from {{ ref('int_billing__delivered_usage') }}
    where {{ 'true' if var('keep_rated_events') else 'false' }}
),

billed as (
    select coalesce(sum(event_count), 0) as events from {{ ref('fct_expected_invoice_lines') }}
    where origin_month = billing_month
),

held as (
    select coalesce(sum(event_count), 0) as events from {{ ref('fct_held_charges') }}
    where reason_code <> 'NEGATIVE_QUANTITY'
),

not_charged as (
    select count(*) as events from {{ ref('int_billing__rated_events') }}
    where is_prepaid or coalesce(is_free_account, false)
)

select d.events as delivered, b.events as billed, h.events as held, n.events as not_charged
from delivered as d
cross join billed as b
cross join held as h
cross join not_charged as n
where {{ 'true' if var('keep_rated_events') else 'false' }} and d.events <> b.events + h.events + n.events
