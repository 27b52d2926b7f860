-- each printed figure of an invoice beside the one that follows from its own lines and the invoice before
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

lines as (
    select
        invoice_id,
        sum(case when line_type not in ('tax', 'rounding') then {{ to_micros('line_amount') }} else 0 end) as net_micros,
        sum(case when line_type = 'tax' then {{ to_micros('line_amount') }} else 0 end) as tax_micros,
        sum(case when line_type = 'rounding' then {{ to_micros('line_amount') }} else 0 end) as rounding_micros
    from {{ ref('stg_billing__invoice_lines') }}
    group by invoice_id
),

footed as (
    select
        i.invoice_id, i.account_id, i.period, i.currency_code, i._source_file, i._source_row, i._file_hash,
        i.net_micros, i.tax_micros, i.rounding_micros, i.total_micros, i.previous_micros, i.prior_closing_micros,
        coalesce(l.net_micros, 0) as line_net_micros,
        coalesce(l.tax_micros, 0) as line_tax_micros,
        coalesce(l.rounding_micros, 0) as line_rounding_micros,
        -- a broken tax figure is TAX_FOOT alone, whether the total follows it or the tax lines
        i.total_micros - coalesce(l.net_micros, 0) - coalesce(l.rounding_micros, 0)
        in (i.tax_micros, coalesce(l.tax_micros, 0)) as does_foot
    from invoices as i
    left join lines as l on i.invoice_id = l.invoice_id
    where i.period >= {{ window_from() }} and i.period < {{ window_to() }}
),

-- a net figure that breaks while the total still foots is reported on the net figure
foot_checks as (
    select
        'FOOT_DIFF' as category, invoice_id as value_key,
        case when does_foot then line_net_micros else line_net_micros + tax_micros + line_rounding_micros end
            as expected_micros,
        case when does_foot then net_micros else total_micros end as printed_micros,
        concat(
            'lines ', {{ cents_text('line_net_micros') }}, ' + tax ', {{ cents_text('tax_micros') }}, ' + rounding ',
            {{ cents_text('line_rounding_micros') }}, '; printed net ', {{ cents_text('net_micros') }},
            ', total ', {{ cents_text('total_micros') }}
        ) as arithmetic,
        *
    from footed
),

tax_checks as (
    select
        'TAX_FOOT' as category, invoice_id as value_key,
        line_tax_micros as expected_micros, tax_micros as printed_micros,
        concat('tax lines ', {{ cents_text('line_tax_micros') }}, '; printed tax ', {{ cents_text('tax_micros') }}) as arithmetic,
        *
    from footed
),

balance_checks as (
    select
        'BALANCE_FWD_DIFF' as category, invoice_id as value_key,
        prior_closing_micros as expected_micros, previous_micros as printed_micros,
        concat(
            'the invoice before closed with ', {{ cents_text('prior_closing_micros') }},
            '; this one carries forward ', {{ cents_text('previous_micros') }}
        ) as arithmetic,
        *
    from footed
    where prior_closing_micros is not null and previous_micros is not null
),

invoice_checks as (
    select * from foot_checks
    union all
    select * from tax_checks
    union all
    select * from balance_checks
),

line_checks as (
    select
        'LINE_MATH' as category,
        l.invoice_line_id as value_key,
        {{ to_micros(to_cents('cast(l.quantity as decimal(19, 6)) * cast(l.unit_price_amount as decimal(19, 6))')) }} as expected_micros,
        {{ to_micros('l.line_amount') }} as printed_micros,
        concat(
            cast(l.quantity as string), ' x ', cast(l.unit_price_amount as string), '; printed ',
            cast(l.line_amount as string)
        ) as arithmetic,
        coalesce(
            {{ month_of('i.period_start_on') }}, {{ month_of('l.service_start_on') }}, {{ month_of('i.invoiced_on') }}
        ) as period,
        l.account_id,
        l.subscription_id,
        l.currency_code,
        l._source_file,
        l._source_row,
        l._file_hash
    from {{ ref('stg_billing__invoice_lines') }} as l
    left join {{ ref('stg_billing__invoices') }} as i on l.invoice_id = i.invoice_id
    where
        l.quantity is not null
        and l.unit_price_amount is not null
        and abs(cast(l.quantity as decimal(19, 6)) * cast(l.unit_price_amount as decimal(19, 6)) - l.line_amount) >= 0.01
),

final as (
    select
        category, value_key, period, account_id, cast(null as string) as subscription_id, currency_code,
        cast(expected_micros as bigint) as expected_micros, cast(printed_micros as bigint) as printed_micros,
        arithmetic, 'invoices' as right_feed,
        {{ json_record({
            'invoice_id': 'value_key', 'net_amount': amount_text('net_micros'), 'tax_amount': amount_text('tax_micros'),
            'total_amount': amount_text('total_micros'), 'previous_balance_amount': amount_text('previous_micros')
        }) }} as right_record,
        _source_file, _source_row, _file_hash
    from invoice_checks
    union all
    select
        category, value_key, period, account_id, subscription_id, currency_code,
        expected_micros, printed_micros, arithmetic, 'invoice_lines' as right_feed,
        {{ json_record({'invoice_line_id': 'value_key', 'line_amount': amount_text('printed_micros')}) }} as right_record,
        _source_file, _source_row, _file_hash
    from line_checks
    where period >= {{ window_from() }} and period < {{ window_to() }}
)

select * from final
