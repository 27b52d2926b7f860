-- legitimate differences of usage: what waits, what is billed in another month, what is lost in rounding a line
with

owned as (
    select
        event_month as billing_month, coalesce(account_id, '') as account_id, 'usage' as revenue_stream, step_code,
        listed_reason as item_type, record_no as item_key, step_micros as item_micros,
        coalesce(left_record_id, rated_usage_id) as evidence
    from {{ ref('int_usage__owned_amounts') }}
    where control_id is null
),

other_months as (
    select
        event_month as billing_month, account_id, 'usage' as revenue_stream, 'timing' as step_code,
        'billed in another month' as item_type, concat(_file_hash, ':', cast(_source_row as string)) as item_key,
        charge_micros as item_micros, rated_usage_id as evidence
    from {{ ref('int_usage__billing_exceptions') }}
    where exception_type = 'other_month'
    union all
    select
        billed_month as billing_month, invoiced_account_id as account_id, 'usage' as revenue_stream,
        'timing' as step_code, 'billed here for another month' as item_type,
        concat(_file_hash, ':', cast(_source_row as string)) as item_key,
        -charge_micros as item_micros, rated_usage_id as evidence
    from {{ ref('int_usage__billing_exceptions') }}
    where exception_type = 'other_month'
),

-- a parent pays for a child, or a line went to the wrong invoice: what one account lacks, the other has
other_accounts as (
    select
        event_month as billing_month, account_id, 'usage' as revenue_stream, 'not_invoiced' as step_code,
        'billed to another account' as item_type, concat(_file_hash, ':', cast(_source_row as string)) as item_key,
        charge_micros as item_micros, rated_usage_id as evidence
    from {{ ref('int_usage__billing_exceptions') }}
    where exception_type = 'other_account'
    union all
    select
        event_month as billing_month, invoiced_account_id as account_id, 'usage' as revenue_stream,
        'not_invoiced' as step_code, 'billed here for another account' as item_type,
        concat(_file_hash, ':', cast(_source_row as string)) as item_key,
        -charge_micros as item_micros, rated_usage_id as evidence
    from {{ ref('int_usage__billing_exceptions') }}
    where exception_type = 'other_account'
),

not_due as (
    select
        event_month as billing_month, account_id, 'usage' as revenue_stream, 'timing' as step_code,
        'due in a later bill run' as item_type, concat(_file_hash, ':', cast(_source_row as string)) as item_key,
        charge_micros as item_micros, rated_usage_id as evidence
    from {{ ref('int_usage__billing_exceptions') }}
    where exception_type = 'not_yet_due'
),

line_rounding as (
    select
        billed_month as billing_month, account_id, 'usage' as revenue_stream, 'invoicing' as step_code,
        'rounding to the invoice line' as item_type, invoice_line_id as item_key,
        linked_micros - line_micros as item_micros, invoice_line_id as evidence
    from {{ ref('int_usage__usage_lines') }}
    where abs(linked_micros - line_micros) <= 5000 and linked_count > 0
    union all
    select
        billing_month, account_id, 'usage' as revenue_stream, 'invoicing' as step_code,
        'rounding to the invoice line' as item_type,
        concat(subscription_id, '|', service_code) as item_key,
        exact_micros - expected_micros as item_micros, invoice_line_ids as evidence
    from {{ ref('int_usage__aggregate_comparison') }}
),

final as (
    select * from owned
    union all
    select * from other_months
    union all
    select * from other_accounts
    union all
    select * from not_due
    union all
    select * from line_rounding
)

select * from final
