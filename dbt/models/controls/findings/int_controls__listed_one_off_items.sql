-- legitimate differences of one-off charges: billed in another month, not due yet, of an account that is not charged
with

compared as (
    select
        *,
        concat(subscription_id, '|', charge_code) as item_key
    from {{ ref('int_billing__one_off_comparison') }}
),

moved as (
    select * from compared
    where billed_month <> charge_month
),

final as (
    select
        charge_month as billing_month, account_id, 'one_off' as revenue_stream, 'timing' as step_code,
        'billed in another month' as item_type, item_key, billed_micros as item_micros, invoice_line_ids as evidence
    from moved
    union all
    select
        billed_month as billing_month, account_id, 'one_off' as revenue_stream, 'timing' as step_code,
        'billed here for another month' as item_type, item_key, -billed_micros as item_micros,
        invoice_line_ids as evidence
    from moved
    union all
    select
        charge_month as billing_month, account_id, 'one_off' as revenue_stream,
        case when is_free_account then 'invoicing' else 'timing' end as step_code,
        case when is_free_account then 'staff or test account' else 'due in a later bill run' end as item_type,
        item_key, due_micros as item_micros, coalesce(order_item_ids, price_rule_id) as evidence
    from compared
    where billed_micros = 0 and (is_free_account or is_due_later)
)

select * from final
