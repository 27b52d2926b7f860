-- by event where billing hands over rated records; else by account, subscription, service and month
with

events as (
    select * from {{ ref('int_usage__billing_exceptions') }}
    where exception_type in ('unbilled', 'billed_twice')
),

by_event as (
    select
        case when exception_type = 'unbilled' then 'UNBILLED_AFTER_CYCLE' else 'BILLED_TWICE' end as category,
        -- who is charged twice is the account of the second line, in the month of that line
        case when exception_type = 'unbilled' then event_month else coalesce(billed_month, event_month) end as period,
        rated_usage_id as value_key,
        started_at as event_at,
        invoiced_account_id as account_id,
        subscription_id,
        case when exception_type = 'unbilled' then charge_micros else 0 end as expected_micros,
        case when exception_type = 'unbilled' then 0 else charge_micros end as actual_micros,
        case when exception_type = 'unbilled' then charge_micros else 0 end as under_micros,
        case when exception_type = 'unbilled' then 0 else charge_micros end as over_micros,
        currency_code,
        'record' as match_level,
        'not_invoiced' as step_code,
        case
            when exception_type = 'unbilled'
                then concat(
                    'rated at ', cast(rated_at as string), ', due in the run of ', cast(due_month as string),
                    ', on no invoice line: ', {{ amount_text('charge_micros') }}
                )
            else concat('on a second invoice line: ', {{ amount_text('charge_micros') }}, ' charged twice')
        end as arithmetic,
        'rated_usage' as left_feed,
        _source_file as left_source_file,
        _source_row as left_source_row,
        _file_hash as left_file_hash,
        rated_usage_id as left_key,
        {{ json_record({
            'rated_usage_id': 'rated_usage_id', 'network_record_id': 'network_record_id', 'service_id': 'service_id',
            'service_code': 'service_code', 'started_at': 'started_at', 'quantity': 'quantity',
            'charge_amount': amount_text('charge_micros'), 'rated_at': 'rated_at', 'invoice_line_id': 'invoice_line_id'
        }) }} as left_record,
        cast(null as string) as right_feed,
        cast(null as string) as right_source_file,
        cast(null as bigint) as right_source_row,
        cast(null as string) as right_file_hash,
        cast(null as string) as right_key,
        cast(null as string) as right_record
    from events
),

found as (
    select * from by_event
    union all
    select * from {{ ref('int_usage__invoicing_gaps') }}
),

shaped as (
    select
        *,
        'usage' as revenue_stream
    from found
),

final as (
    {{ findings('shaped', 'USG-05', [
        'event_at', 'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'under_micros', 'over_micros',
        'currency_code', 'match_level', 'revenue_stream', 'step_code', 'arithmetic',
        'left_feed', 'left_source_file', 'left_source_row', 'left_file_hash', 'left_key', 'left_record',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
