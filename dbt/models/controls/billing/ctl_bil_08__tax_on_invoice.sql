-- an arithmetic slip at the right rate is BIL-03's; here the rate itself is wrong
with

checks as (
    select * from {{ ref('int_billing__tax_checks') }}
    where
        due_micros <> named_micros
        -- without the names of the rates only the amounts can be compared, to 0.01 a line
        and (not has_unknown_rate or abs(due_micros - named_micros) > 10000 * tax_line_count)
),

found as (
    select
        case
            when is_marked_exempt and tax_line_count = 0 then 'EXEMPT_EXPIRED'
            when is_taxed_elsewhere then 'PLACE_WRONG'
            else 'RATE_WRONG'
        end as category,
        period,
        invoice_id as value_key,
        account_id,
        due_micros as expected_micros,
        named_micros as actual_micros,
        greatest(due_micros - named_micros, 0) as under_micros,
        greatest(named_micros - due_micros, 0) as over_micros,
        currency_code,
        'invoice_document' as revenue_stream,
        'invoicing' as step_code,
        concat(
            'on ', cast(taxed_on as string), ' in ', coalesce(tax_jurisdiction_code, 'no place'), ' ',
            coalesce(due_rate_ids, 'no tax'), ' gives ', {{ cents_text('due_micros') }}, '; the invoice charges ',
            coalesce(named_rate_ids, 'no tax'), ': ', {{ cents_text('named_micros') }},
            case
                when is_marked_exempt and tax_exempt_until_on is not null
                    then concat('; exempt until ', cast(tax_exempt_until_on as string))
                else ''
            end
        ) as arithmetic,
        'accounts' as left_feed,
        account_id as left_key,
        {{ json_record({
            'account_id': 'account_id', 'tax_jurisdiction_code': 'tax_jurisdiction_code',
            'tax_exempt_until_on': 'tax_exempt_until_on', 'tax_rates_due': 'due_rate_ids'
        }) }} as left_record,
        'invoices' as right_feed,
        _source_file as right_source_file,
        _source_row as right_source_row,
        _file_hash as right_file_hash,
        invoice_id as right_key,
        {{ json_record({
            'invoice_id': 'invoice_id', 'tax_rates_charged': 'named_rate_ids', 'tax_amount': amount_text('named_micros')
        }) }} as right_record
    from checks
),

final as (
    {{ findings('found', 'BIL-08', [
        'account_id', 'expected_micros', 'actual_micros', 'under_micros', 'over_micros',
        'currency_code', 'revenue_stream', 'step_code', 'arithmetic', 'left_feed', 'left_key', 'left_record',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
