-- what each issued invoice charges in each tax group, and the day whose rates hold: the last one of its period
with

invoices as (
    select
        *,
        coalesce({{ month_of('period_start_on') }}, {{ month_of('invoiced_on') }}) as period,
        coalesce({{ add_days('period_end_on', -1) }}, invoiced_on) as taxed_on
    from {{ ref('stg_billing__invoices') }}
    where {{ is_issued('status') }}
),

lines as (
    select * from {{ ref('stg_billing__invoice_lines') }}
    where line_type not in ('tax', 'rounding')
),

-- an invoice with a line that names no tax group cannot be taxed again
ungrouped as (
    select distinct invoice_id
    from lines
    where tax_group_code is null
),

final as (
    select
        l.invoice_id,
        l.tax_group_code,
        max(i.account_id) as account_id,
        max(i.period) as period,
        max(i.taxed_on) as taxed_on,
        max(i.currency_code) as currency_code,
        {{ amount("sum(l.line_amount)") }} as net_amount,
        {{ amount("sum(case when l.line_type = 'discount' then 0 else l.line_amount end)") }} as gross_amount,
        max(i._source_file) as _source_file,
        max(i._source_row) as _source_row,
        max(i._file_hash) as _file_hash
    from lines as l
    inner join invoices as i on l.invoice_id = i.invoice_id
    left join ungrouped as u on l.invoice_id = u.invoice_id
    where u.invoice_id is null and {{ in_window('i.period') }}
    group by l.invoice_id, l.tax_group_code
)

select * from final
