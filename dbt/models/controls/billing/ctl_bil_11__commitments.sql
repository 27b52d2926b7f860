-- charges that are missing make the shortfall greater: the true-up follows what was billed, as the contract does
with

checks as (
    select
        *,
        case when relief_reference is null then due_micros else 0 end as true_up_micros
    from {{ ref('int_billing__commitment_checks') }}
),

found as (
    select
        case when billed_micros = 0 then 'TRUEUP_MISSING' else 'TRUEUP_SHORT' end as category,
        charge_month as period,
        commitment_id as value_key,
        account_id,
        subscription_id,
        true_up_micros as expected_micros,
        billed_micros as actual_micros,
        greatest(true_up_micros - billed_micros, 0) as under_micros,
        greatest(billed_micros - true_up_micros, 0) as over_micros,
        currency_code,
        'recurring' as revenue_stream,
        'invoicing' as step_code,
        concat(
            {{ cents_text('owed_micros') }}, ' were agreed for ', cast(day_count as string), ' of ',
            cast(month_day_count as string), ' days, ', {{ cents_text('spent_micros') }}, ' charged: ',
            {{ cents_text('due_micros') }}, ' are owed', coalesce(', relieved by ' || relief_reference, ''),
            '; the true-up billed is ', {{ cents_text('billed_micros') }}
        ) as arithmetic,
        source_feed as left_feed,
        _source_file as left_source_file,
        _source_row as left_source_row,
        _file_hash as left_file_hash,
        commitment_id as left_key,
        {{ json_record({
            'commitment_id': 'commitment_id', 'account_id': 'account_id', 'commitment_amount': amount_text('owed_micros'),
            'amount_charged': amount_text('spent_micros')
        }) }} as left_record,
        case when line_hash is not null then 'invoice_lines' end as right_feed,
        line_file as right_source_file,
        line_row as right_source_row,
        line_hash as right_file_hash,
        invoice_line_id as right_key,
        case when line_hash is not null then {{ json_record({
            'invoice_line_id': 'invoice_line_id', 'line_amount': amount_text('billed_micros')
        }) }} end as right_record
    from checks
    where true_up_micros <> billed_micros
),

final as (
    {{ findings('found', 'BIL-11', [
        'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'under_micros', 'over_micros',
        'currency_code', 'revenue_stream', 'step_code', 'arithmetic',
        'left_feed', 'left_source_file', 'left_source_row', 'left_file_hash', 'left_key', 'left_record',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
