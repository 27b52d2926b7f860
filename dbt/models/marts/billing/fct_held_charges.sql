-- what is not billed for a fault of its input, with the fault, what to do, and what it may be worth
with

charges as (
    select
        c.billing_month, c.account_id, coalesce(c.subscription_id, '') as subscription_id, c.charge_code,
        c.charge_key as what, f.reason_code, f.reason, f.source_file, f.source_row, c.gross_micros as estimated_micros,
        c.event_count
    from {{ ref('int_billing__charge_faults') }} as f
    inner join {{ ref('int_billing__priced_charges') }} as c on f.charge_key = c.charge_key
),

usage_events as (
    select
        billing_month, account_id, subscription_id, concat('USAGE_', upper(service_code)) as charge_code,
        concat(account_id, '|', cast(billing_month as string), '|usage|', subscription_id, '|', service_code) as what,
        reason_code, reason, source_file, source_row, estimated_micros, event_count
    from {{ ref('int_billing__unpriced_usage') }}
),

days as (
    select
        billing_month, account_id, subscription_id, charge_code,
        concat(account_id, '|', cast(billing_month as string), '|recurring|', subscription_id, '|', charge_code)
            as what,
        reason_code, reason, source_file, source_row, estimated_micros, cast(0 as bigint) as event_count
    from {{ ref('int_billing__unpriced_days') }}
),

-- a negative quantity that is not marked as a reversal does not get past the door
refused as (
    select
        {{ month_of('event_on') }} as billing_month, '' as account_id, '' as subscription_id,
        'USAGE' as charge_code, concat('|', feed, '|', source_file, '|', cast(source_row as string)) as what,
        'NEGATIVE_QUANTITY' as reason_code,
        concat(
            source_file, ':', cast(source_row as string), ': quantity ', value, ' of ', feed, ' ',
            coalesce(natural_key, '(no key)'), ' is below zero; correct it or mark it as a reversal, and load it again'
        ) as reason,
        source_file, cast(source_row as bigint) as source_row, cast(0 as bigint) as estimated_micros,
        cast(1 as bigint) as event_count
    from {{ ref('stg_tieout__quarantined_rows') }}
    where
        feed in ('network_usage', 'rated_usage')
        and column_name = 'quantity'
        and value like '-%'
        and {{ in_window('event_on') }}
),

services as (
    select
        billing_month, account_id, subscription_id, 'SERVICE' as charge_code,
        concat(
            account_id, '|', feed, '|', subscription_id, '|', product_offering_id, '|', cast(valid_from_on as string)
        ) as what,
        reason_code, reason, source_file, source_row, estimated_micros, cast(0 as bigint) as event_count
    from {{ ref('int_billing__service_faults') }}
),

commitments as (
    select
        {{ add_months_to(window_to(), -1) }} as billing_month,
        account_id,
        coalesce(subscription_id, '') as subscription_id,
        commitment_id as charge_code, concat(account_id, '|', source_feed, '|', commitment_id) as what,
        reason_code, reason, source_file, source_row, estimated_micros, cast(0 as bigint) as event_count
    from {{ ref('int_billing__commitment_faults') }}
),

-- the events are counted as prepaid ones, which no bill charges
prepaid as (
    select
        billing_month, coalesce(account_id, '') as account_id, subscription_id, 'PREPAID' as charge_code,
        concat(coalesce(account_id, ''), '|', cast(billing_month as string), '|prepaid|', subscription_id) as what,
        reason_code, reason, source_file, source_row, estimated_micros, cast(0 as bigint) as event_count
    from {{ ref('int_prepaid__balance_faults') }}
),

held as (
    select * from services
    union all
    select * from prepaid
    union all
    select * from commitments
    union all
    select * from charges
    union all
    select * from usage_events
    union all
    select * from days
    union all
    select * from refused
),

final as (
    select
        concat(h.what, '|', h.reason_code) as held_charge_key,
        h.billing_month,
        h.account_id,
        nullif(h.subscription_id, '') as subscription_id,
        h.charge_code,
        h.reason_code,
        h.reason,
        h.source_file,
        h.source_row,
        {{ from_micros('h.estimated_micros') }} as estimated_amount,
        cast(h.event_count as bigint) as event_count,
        coalesce(a.currency_code, '{{ var("currency_code") }}') as currency_code
    from held as h
    left join {{ ref('stg_crm__accounts') }} as a on h.account_id = a.account_id
    where coalesce(a.account_type, '') not in ({{ not_charged_accounts() }})
)

select * from final
