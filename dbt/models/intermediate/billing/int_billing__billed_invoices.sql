-- what became of each invoice: sent, taken back whole by credit notes, or the copy of one that was sent before
with

credits as (
    select
        invoice_id,
        sum(net_amount) as credited_amount
    from {{ ref('stg_billing__credit_notes') }}
    where invoice_id is not null
    group by invoice_id
),

invoices as (
    select
        i.*,
        coalesce({{ month_of('i.period_start_on') }}, {{ month_of('i.invoiced_on') }}) as billing_month,
        {{ is_issued('i.status') }} as is_issued,
        coalesce(i.net_amount > 0 and c.credited_amount >= i.net_amount, false) as is_credited
    from {{ ref('stg_billing__invoices') }} as i
    left join credits as c on i.invoice_id = c.invoice_id
),

final as (
    select
        invoice_id,
        invoice_number,
        account_id,
        bill_run_id,
        billing_month,
        invoiced_on,
        period_start_on,
        period_end_on,
        lower(coalesce(status, 'issued')) as status,
        is_issued,
        is_credited,
        is_issued and not is_credited as is_billed,
        -- the same period and amount for the same account, and no credit note for the one before
        row_number() over (
            partition by
                account_id, period_start_on, period_end_on, net_amount, currency_code, is_issued and not is_credited
            order by invoiced_on, invoice_id
        ) as copy_no,
        {{ to_micros('net_amount') }} as net_micros,
        currency_code,
        _source_file,
        _source_row,
        _file_hash
    from invoices
)

select * from final
