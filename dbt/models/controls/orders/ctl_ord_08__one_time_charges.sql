with

compared as (
    select * from {{ ref('int_billing__one_off_comparison') }}
    where due_micros <> billed_micros and not is_due_later and not (is_free_account and billed_micros = 0)
),

found as (
    select
        case
            when billed_month is null then 'FEE_MISSING'
            when has_more_lines then 'FEE_DUPLICATE'
            when waived_micros > gross_micros - due_micros and billed_micros < due_micros then 'WAIVER_NO_APPROVAL'
            else 'FEE_AMOUNT'
        end as category,
        charge_month as period,
        concat(subscription_id, '|', charge_code) as value_key,
        account_id,
        nullif(subscription_id, '') as subscription_id,
        due_micros as expected_micros,
        billed_micros as actual_micros,
        greatest(due_micros - billed_micros, 0) as under_micros,
        greatest(billed_micros - due_micros, 0) as over_micros,
        currency_code,
        'one_off' as revenue_stream,
        'invoicing' as step_code,
        concat(
            cast(due_count as string), ' due', coalesce(' by ' || cast(charge_on as string), ''), ': ',
            {{ cents_text('gross_micros') }}, ', net of discounts ', {{ cents_text('due_micros') }}, '; ',
            cast(line_count as string), ' lines say ', {{ cents_text('billed_micros + waived_micros') }},
            case
                when waived_micros <> 0 then concat(' less ', {{ cents_text('waived_micros') }}, ' waived')
                else ''
            end
        ) as arithmetic,
        price_rule_id,
        case when order_item_ids is not null then 'order_items' else 'subscriptions' end as left_feed,
        coalesce(order_item_ids, subscription_id) as left_key,
        {{ json_record({
            'subscription_id': 'subscription_id', 'order_item_ids': 'order_item_ids', 'charge_code': 'charge_code',
            'charge_on': 'charge_on', 'amount_due': amount_text('due_micros')
        }) }} as left_record,
        case when _file_hash is not null then 'invoice_lines' end as right_feed,
        _source_file as right_source_file,
        _source_row as right_source_row,
        _file_hash as right_file_hash,
        invoice_line_ids as right_key,
        case when _file_hash is not null then {{ json_record({
            'invoice_line_ids': 'invoice_line_ids', 'lines': 'line_count',
            'amount_billed': amount_text('billed_micros')
        }) }} end as right_record
    from compared
),

final as (
    {{ findings('found', 'ORD-08', [
        'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'under_micros', 'over_micros',
        'currency_code', 'revenue_stream', 'step_code', 'arithmetic', 'price_rule_id', 'left_feed', 'left_key', 'left_record',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
