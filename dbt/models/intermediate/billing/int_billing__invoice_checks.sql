-- each printed figure of an invoice beside the one that follows from its own lines and the invoice before
with

footed as (
    select * from {{ ref('int_billing__invoice_footings') }}
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
            ', total ', {{ cents_text('total_micros') }},
            case
                when foreign_line_count > 0
                    then concat(
                        '; not added: ', cast(foreign_line_count as string), ' lines in ', foreign_currency_code
                    )
                else ''
            end
        ) as arithmetic,
        *
    from footed
),

-- the printed figure is at fault, or the tax lines behind it
tax_checks as (
    select
        'TAX_FOOT' as category, invoice_id as value_key,
        due_tax_micros as expected_micros,
        case when tax_micros <> due_tax_micros then tax_micros else line_tax_micros end as printed_micros,
        concat(
            'the lines of the tax groups give tax ', {{ cents_text('due_tax_micros') }}, '; tax lines ',
            {{ cents_text('line_tax_micros') }}, ', printed tax ', {{ cents_text('tax_micros') }}
        ) as arithmetic,
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
        {{ to_micros(to_cents('cast(l.quantity as decimal(19, 6)) * cast(l.unit_price_amount as decimal(19, 6))')) }}
            as expected_micros,
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
        and abs(cast(l.quantity as decimal(19, 6)) * cast(l.unit_price_amount as decimal(19, 6)) - l.line_amount)
        >= 0.01
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
        {{ json_record({'invoice_line_id': 'value_key', 'line_amount': amount_text('printed_micros')}) }}
            as right_record,
        _source_file, _source_row, _file_hash
    from line_checks
    where period >= {{ window_from() }} and period < {{ window_to() }}
)

select * from final
