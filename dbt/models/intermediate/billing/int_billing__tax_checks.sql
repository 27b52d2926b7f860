-- the tax of each invoice at the rates in force, beside the tax at the rates that its tax lines name
with

accounts as (
    select * from {{ ref('stg_crm__accounts') }}
),

bases as (
    select * from {{ ref('int_billing__tax_bases') }}
),

rates as (
    select
        *,
        coalesce(valid_from_on, cast('0001-01-01' as date)) as from_on,
        {{ open_end('valid_to_on') }} as to_on
    from {{ ref('stg_billing__tax_rates') }}
    where not coalesce(is_inclusive, false)
),

due_rates as (
    select
        b.invoice_id,
        r.tax_rate_id,
        {{ to_micros(share_of(
            "sum(case when r.tax_basis = 'before_discount' then b.gross_amount else b.net_amount end)",
            'max(r.rate_ratio)', 2
        )) }} as tax_micros
    from bases as b
    inner join accounts as a on b.account_id = a.account_id
    inner join rates as r
        on
            (r.tax_group_code = '*' or b.tax_group_code = r.tax_group_code)
            and b.taxed_on >= r.from_on
            and b.taxed_on < r.to_on
            and coalesce(r.jurisdiction_code, a.tax_jurisdiction_code, '') = coalesce(a.tax_jurisdiction_code, '')
    where not {{ is_exempt_on('b.taxed_on') }}
    group by b.invoice_id, r.tax_rate_id
),

named_rates as (
    select
        t.invoice_id,
        t.invoice_line_id,
        max(t.tax_rate_id) as tax_rate_id,
        max(r.tax_rate_id) is null as is_unknown,
        coalesce(max(r.jurisdiction_code) <> max(a.tax_jurisdiction_code), false) as is_elsewhere,
        case
            when max(r.tax_rate_id) is null then {{ to_micros('max(t.line_amount)') }}
            else {{ to_micros(share_of(
                "coalesce(sum(case when r.tax_basis = 'before_discount' then b.gross_amount else b.net_amount end), 0)",
                'max(r.rate_ratio)', 2
            )) }}
        end as tax_micros
    from {{ ref('stg_billing__invoice_lines') }} as t
    inner join accounts as a on t.account_id = a.account_id
    left join {{ ref('stg_billing__tax_rates') }} as r on t.tax_rate_id = r.tax_rate_id
    left join bases as b
        on t.invoice_id = b.invoice_id and (r.tax_group_code = '*' or r.tax_group_code = b.tax_group_code)
    where t.line_type = 'tax' and not coalesce(r.is_inclusive, false)
    group by t.invoice_id, t.invoice_line_id
),

due_totals as (
    select
        invoice_id,
        cast(sum(tax_micros) as bigint) as tax_micros,
        {{ join_texts('tax_rate_id') }} as tax_rate_ids
    from due_rates
    group by invoice_id
),

named_totals as (
    select
        invoice_id,
        cast(sum(tax_micros) as bigint) as tax_micros,
        {{ join_texts('tax_rate_id') }} as tax_rate_ids,
        count(*) as tax_line_count,
        bool_or(is_unknown) as has_unknown_rate,
        bool_or(is_elsewhere) as is_taxed_elsewhere
    from named_rates
    group by invoice_id
),

invoices as (
    select distinct
        invoice_id, account_id, period, taxed_on, currency_code, _source_file, _source_row, _file_hash
    from bases
),

final as (
    select
        i.invoice_id,
        i.account_id,
        i.period,
        i.taxed_on,
        i.currency_code,
        a.tax_jurisdiction_code,
        a.tax_exempt_until_on,
        coalesce(a.is_tax_exempt, false) as is_marked_exempt,
        coalesce(n.is_taxed_elsewhere, false) as is_taxed_elsewhere,
        coalesce(n.has_unknown_rate, false) as has_unknown_rate,
        coalesce(n.tax_line_count, 0) as tax_line_count,
        d.tax_rate_ids as due_rate_ids,
        n.tax_rate_ids as named_rate_ids,
        coalesce(d.tax_micros, 0) as due_micros,
        coalesce(n.tax_micros, 0) as named_micros,
        i._source_file,
        i._source_row,
        i._file_hash
    from invoices as i
    inner join accounts as a on i.account_id = a.account_id
    left join due_totals as d on i.invoice_id = d.invoice_id
    left join named_totals as n on i.invoice_id = n.invoice_id
)

select * from final
