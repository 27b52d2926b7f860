-- an account without its invoice; and one whose invoice went out long after its run
with

missing as (
    select
        category,
        run_month as period,
        account_id,
        max(status) as status,
        max(invoice_id) as invoice_id,
        max(issued_on) as issued_on,
        max(later_count) as later_count,
        max(held_days) as held_days,
        bool_and(is_timing) as is_timing,
        sum(due_micros) as due_micros,
        currency_code
    from {{ ref('int_billing__missing_bills') }}
    where category is not null
    group by category, run_month, account_id, currency_code
),

late as (
    select
        'HELD_AGED' as category,
        i.billing_month as period,
        i.account_id,
        'issued' as status,
        i.invoice_id,
        max(r.issued_on) as issued_on,
        0 as later_count,
        {{ days_between('max(r.issued_on)', 'max(i.invoiced_on)') }} as held_days,
        true as is_timing,
        max(i.net_micros) as due_micros,
        i.currency_code
    from {{ ref('int_billing__billed_invoices') }} as i
    inner join {{ ref('stg_billing__bill_runs') }} as r on i.bill_run_id = r.bill_run_id
    where i.is_billed and i.copy_no = 1 and {{ in_window('i.billing_month') }}
    group by i.billing_month, i.account_id, i.invoice_id, i.currency_code
    having {{ days_between('max(r.issued_on)', 'max(i.invoiced_on)') }} > {{ var('hold_grace_days') }}
),

found as (
    select
        category,
        period,
        concat(account_id, '|', cast(period as string)) as value_key,
        account_id,
        due_micros as expected_micros,
        case when status = 'issued' then due_micros else 0 end as actual_micros,
        case when is_timing then 0 else greatest(due_micros, 0) end as under_micros,
        case when is_timing then 0 else greatest(-due_micros, 0) end as over_micros,
        case when is_timing then due_micros else 0 end as timing_micros,
        currency_code,
        'recurring' as revenue_stream,
        'invoicing' as step_code,
        concat(
            'charges of ', {{ cents_text('due_micros') }}, ' were due in the run issued on ', cast(issued_on as string),
            case
                when status = 'issued' then concat('; the invoice went out ', cast(held_days as string), ' days later')
                when status = 'none' then '; there is no invoice'
                else concat('; the invoice is ', status, ' since ', cast(held_days as string), ' days')
            end,
            '; ', cast(later_count as string), ' runs have gone by'
        ) as arithmetic,
        'subscriptions' as left_feed,
        account_id as left_key,
        {{ json_record({'account_id': 'account_id', 'amount_due': amount_text('due_micros')}) }} as left_record,
        case when invoice_id is not null then 'invoices' end as right_feed,
        invoice_id as right_key,
        case when invoice_id is not null then {{ json_record({'invoice_id': 'invoice_id', 'status': 'status'}) }} end
            as right_record
    from (
        select * from missing
        union all
        select * from late
    ) as both_kinds
),

final as (
    {{ findings('found', 'BIL-04', [
        'account_id', 'expected_micros', 'actual_micros', 'under_micros', 'over_micros', 'timing_micros',
        'currency_code', 'revenue_stream', 'step_code', 'arithmetic', 'left_feed', 'left_key', 'left_record',
        'right_feed', 'right_key', 'right_record'
    ]) }}
)

select * from final
