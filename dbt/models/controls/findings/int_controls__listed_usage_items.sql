-- legitimate differences of usage: what waits, what is billed in another month, what is lost in rounding a line
with

rated_feed as (
    select count(*) = 1 as is_there
    from {{ ref('stg_tieout__feeds') }}
    where feed = 'rated_usage' and row_count > 0
),

owned as (
    select
        event_month as billing_month, coalesce(account_id, '') as account_id, 'usage' as revenue_stream, step_code,
        listed_reason as item_type, record_no as item_key, step_micros as item_micros,
        coalesce(left_record_id, rated_usage_id) as evidence
    from {{ ref('int_usage__owned_amounts') }}
    where control_id is null
),

-- of another month, or paid by another account (a parent for a child): what one side lacks, the other has
moved as (
    select
        *,
        case exception_type when 'other_month' then 'timing' else 'not_invoiced' end as step_code,
        case exception_type when 'other_month' then 'month' else 'account' end as moved_by,
        concat(_file_hash, ':', cast(_source_row as string)) as item_key
    from {{ ref('int_usage__billing_exceptions') }}
    where exception_type in ('other_month', 'other_account')
),

moved_items as (
    select
        event_month as billing_month, account_id, 'usage' as revenue_stream, step_code,
        case moved_by when 'month' then 'billed in another month' else 'billed to another account' end as item_type,
        item_key, charge_micros as item_micros, rated_usage_id as evidence
    from moved
    where {{ in_window('event_month') }}
    union all
    select
        billed_month as billing_month, invoiced_account_id as account_id, 'usage' as revenue_stream, step_code,
        concat('billed here for another ', moved_by) as item_type,
        item_key, -charge_micros as item_micros, rated_usage_id as evidence
    from moved
),

waiting as (
    select
        event_month as billing_month, account_id, 'usage' as revenue_stream,
        case exception_type when 'not_yet_due' then 'timing' else 'not_invoiced' end as step_code,
        case exception_type when 'not_yet_due' then 'due in a later bill run' else 'staff or test account' end
            as item_type,
        concat(_file_hash, ':', cast(_source_row as string)) as item_key,
        charge_micros as item_micros, rated_usage_id as evidence
    from {{ ref('int_usage__billing_exceptions') }}
    where exception_type in ('not_yet_due', 'free_account')
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
        concat(subscription_id, '|month') as item_key,
        owed_micros - line_micros as item_micros, coalesce(invoice_line_ids, price_rule_ids) as evidence
    from {{ ref('int_usage__period_comparison') }}
    where abs(owed_micros - line_micros) <= 5000 and (select f.is_there from rated_feed as f)
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
    select * from moved_items
    union all
    select * from waiting
    union all
    select * from line_rounding
)

select * from final
