with

checks as (
    select * from {{ ref('int_billing__invoice_checks') }}
    where expected_micros <> printed_micros
),

found as (
    select
        category,
        period,
        value_key,
        account_id,
        subscription_id,
        expected_micros,
        printed_micros as actual_micros,
        greatest(expected_micros - printed_micros, 0) as under_micros,
        greatest(printed_micros - expected_micros, 0) as over_micros,
        currency_code,
        'invoice_document' as revenue_stream,
        'invoicing' as step_code,
        arithmetic,
        right_feed,
        _source_file as right_source_file,
        _source_row as right_source_row,
        _file_hash as right_file_hash,
        value_key as right_key,
        right_record
    from checks
),

final as (
    {{ findings('found', 'BIL-03', [
        'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'under_micros', 'over_micros',
        'currency_code', 'revenue_stream', 'step_code', 'arithmetic',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
