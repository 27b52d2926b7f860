-- lines that bill a second time what an equal line before them has billed: copies of a whole invoice, and of a line
with

rated_feed as (
    select count(*) = 1 as is_there
    from {{ ref('stg_tieout__feeds') }}
    where feed = 'rated_usage' and row_count > 0
),

copied_invoices as (
    select * from {{ ref('int_billing__billed_invoices') }}
    where is_billed and copy_no > 1 and net_micros > 0 and period_start_on is not null
),

recurring_lines as (
    select * from {{ ref('int_billing__recurring_lines') }}
),

invoice_copies as (
    {% for revenue_stream in ['recurring', 'one_off'] %}
    select
        'DUP_INVOICE' as category, l.invoice_id as value_key, '{{ revenue_stream }}' as revenue_stream,
        l.invoice_line_id, l.invoice_id, l.charge_month, l.account_id, l.subscription_id, l.charge_code,
        l.line_micros, l.currency_code, i._source_file, i._source_row, i._file_hash
    from {{ ref('int_billing__' ~ revenue_stream ~ '_lines') }} as l
    inner join copied_invoices as i on l.invoice_id = i.invoice_id
    union all
    {% endfor %}
    -- without rated records usage is compared as a sum, and USG-05 finds the second one there
    select
        'DUP_INVOICE' as category, l.invoice_id as value_key, 'usage' as revenue_stream, l.invoice_line_id,
        l.invoice_id, l.billed_month as charge_month, l.account_id, l.subscription_id, l.charge_code, l.line_micros,
        l.currency_code, i._source_file, i._source_row, i._file_hash
    from {{ ref('int_usage__usage_lines') }} as l
    inner join copied_invoices as i on l.invoice_id = i.invoice_id
    cross join rated_feed as f
    where l.linked_count = 0 and f.is_there
),

due as (
    select
        charge_month,
        account_id,
        subscription_id,
        charge_code,
        currency_code,
        sum(gross_micros) as due_micros
    from {{ ref('int_billing__recurring_charges') }}
    where charge_set = 'billed'
    group by charge_month, account_id, subscription_id, charge_code, currency_code
),

single_lines as (
    select
        l.*,
        sum(case when l.line_type = 'recurring' then l.line_micros else 0 end) over (
            partition by l.charge_month, l.account_id, l.subscription_id, l.charge_code, l.currency_code
        ) as group_micros
    from recurring_lines as l
    left join copied_invoices as i on l.invoice_id = i.invoice_id
    where i.invoice_id is null
),

-- two equal lines for two of a thing are due twice: only what goes beyond the sum due is a copy
line_copies as (
    select l.*
    from single_lines as l
    left join due as d
        on
            l.charge_month = d.charge_month
            and l.account_id = d.account_id
            and l.subscription_id = d.subscription_id
            and l.charge_code = d.charge_code
            and l.currency_code = d.currency_code
    where
        l.line_type = 'recurring'
        and l.copy_no > 1
        and l.line_micros > 0
        and l.group_micros - coalesce(d.due_micros, 0) >= l.line_micros * (l.copy_count - l.copy_no + 1)
),

-- the discount of a copied line was copied with it
copied_discounts as (
    select
        c.invoice_line_id as copied_line_id,
        l.*
    from single_lines as l
    inner join line_copies as c
        on
            l.line_type = 'discount'
            and l.subscription_id = c.subscription_id
            and l.account_id = c.account_id
            and l.charge_code = c.charge_code
            and l.service_start_on = c.service_start_on
            and l.service_end_on = c.service_end_on
            and l.copy_no = c.copy_no
),

final as (
    select
        category, value_key, revenue_stream, invoice_line_id, invoice_id, charge_month, account_id, subscription_id,
        charge_code, line_micros, currency_code, _source_file, _source_row, _file_hash
    from invoice_copies
    union all
    select
        'DUP_LINE' as category, invoice_line_id as value_key, 'recurring' as revenue_stream, invoice_line_id,
        invoice_id, charge_month, account_id, subscription_id, charge_code, line_micros, currency_code,
        _source_file, _source_row, _file_hash
    from line_copies
    union all
    select
        'DUP_LINE' as category, copied_line_id as value_key, 'recurring' as revenue_stream, invoice_line_id,
        invoice_id, charge_month, account_id, subscription_id, charge_code, line_micros, currency_code,
        _source_file, _source_row, _file_hash
    from copied_discounts
)

select * from final
