-- printed figures of each invoice beside the sums of its lines and the balance before
with

invoices as (
    select
        *,
        coalesce({{ month_of('period_start_on') }}, {{ month_of('invoiced_on') }}) as period,
        {{ to_micros('net_amount') }} as net_micros,
        {{ to_micros('tax_amount') }} as tax_micros,
        {{ to_micros('coalesce(rounding_amount, 0)') }} as rounding_micros,
        {{ to_micros('total_amount') }} as total_micros,
        {{ to_micros('previous_balance_amount') }} as previous_micros,
        lag({{ to_micros('closing_balance_amount') }}) over (
            partition by account_id, currency_code order by invoiced_on, invoice_id
        ) as prior_closing_micros
    from {{ ref('stg_billing__invoices') }}
),

-- amounts of another currency are not added up, only counted; tax stands on lines of its own or beside each line
lines as (
    select
        l.invoice_id,
        sum(case when l.line_type not in ('tax', 'rounding') then {{ to_micros('l.line_amount') }} else 0 end)
            as net_micros,
        sum(
            case
                when l.line_type = 'tax' then {{ to_micros('l.line_amount') }}
                else {{ to_micros('coalesce(l.tax_amount, 0)') }}
            end
        ) as tax_micros,
        sum(case when l.line_type = 'tax' then 1 else 0 end) as tax_line_count,
        sum(case when l.line_type not in ('tax', 'rounding') and l.tax_group_code is null then 1 else 0 end)
            as ungrouped_count,
        sum(case when l.line_type = 'rounding' then {{ to_micros('l.line_amount') }} else 0 end) as rounding_micros
    from {{ ref('stg_billing__invoice_lines') }} as l
    inner join {{ ref('stg_billing__invoices') }} as i
        on l.invoice_id = i.invoice_id and l.currency_code = i.currency_code
    group by l.invoice_id
),

foreign_lines as (
    select
        l.invoice_id,
        count(*) as foreign_line_count,
        min(l.currency_code) as foreign_currency_code
    from {{ ref('stg_billing__invoice_lines') }} as l
    inner join {{ ref('stg_billing__invoices') }} as i
        on l.invoice_id = i.invoice_id and l.currency_code <> i.currency_code
    group by l.invoice_id
),

-- tax follows from the lines of its group, where the lines name their groups
tax_bases as (
    select
        invoice_id,
        tax_group_code,
        sum(case when line_type not in ('tax', 'rounding') then line_amount else 0 end) as net_amount,
        sum(case when line_type not in ('tax', 'rounding', 'discount') then line_amount else 0 end) as gross_amount
    from {{ ref('stg_billing__invoice_lines') }}
    where tax_group_code is not null
    group by invoice_id, tax_group_code
),

computed_taxes as (
    select
        t.invoice_id,
        t.invoice_line_id,
        {{ to_micros(share_of(
            "sum(case when r.tax_basis = 'before_discount' then b.gross_amount else b.net_amount end)",
            'max(r.rate_ratio)', 2
        )) }} as computed_micros
    from {{ ref('stg_billing__invoice_lines') }} as t
    inner join {{ ref('stg_billing__tax_rates') }} as r on t.tax_rate_id = r.tax_rate_id
    inner join tax_bases as b
        on t.invoice_id = b.invoice_id and (r.tax_group_code = '*' or r.tax_group_code = b.tax_group_code)
    where t.line_type = 'tax'
    group by t.invoice_id, t.invoice_line_id
),

invoice_taxes as (
    select
        invoice_id,
        count(*) as computed_count,
        cast(sum(computed_micros) as bigint) as computed_micros
    from computed_taxes
    group by invoice_id
),

final as (
    select
        i.invoice_id, i.account_id, i.period, i.currency_code, i._source_file, i._source_row, i._file_hash,
        i.net_micros, i.tax_micros, i.rounding_micros, i.total_micros, i.previous_micros, i.prior_closing_micros,
        coalesce(f.foreign_line_count, 0) as foreign_line_count,
        f.foreign_currency_code,
        coalesce(l.net_micros, 0) as line_net_micros,
        coalesce(l.tax_micros, 0) as line_tax_micros,
        coalesce(l.rounding_micros, 0) as line_rounding_micros,
        case
            when
                l.ungrouped_count = 0 and l.tax_line_count > 0 and x.computed_count = l.tax_line_count
                then x.computed_micros
            else coalesce(l.tax_micros, 0)
        end as due_tax_micros,
        -- a broken tax figure is TAX_FOOT alone, whether the total follows it or the tax lines
        i.total_micros - coalesce(l.net_micros, 0) - coalesce(l.rounding_micros, 0)
        in (i.tax_micros, coalesce(l.tax_micros, 0), coalesce(x.computed_micros, l.tax_micros, 0)) as does_foot
    from invoices as i
    left join lines as l on i.invoice_id = l.invoice_id
    left join foreign_lines as f on i.invoice_id = f.invoice_id
    left join invoice_taxes as x on i.invoice_id = x.invoice_id
    where {{ is_issued('i.status') }} and i.period >= {{ window_from() }} and i.period < {{ window_to() }}
)

select * from final
