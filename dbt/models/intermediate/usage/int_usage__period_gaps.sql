-- what is owed for a month and billed otherwise
with

final as (
    select
        case when line_count = 0 then 'UNBILLED_AFTER_CYCLE' else 'AMOUNT_DIFF' end as category,
        billing_month as period,
        concat(subscription_id, '|month') as value_key,
        cast(null as timestamp) as event_at,
        account_id,
        subscription_id,
        owed_micros as expected_micros,
        line_micros as actual_micros,
        greatest(owed_micros - line_micros, 0) as under_micros,
        greatest(line_micros - owed_micros, 0) as over_micros,
        '{{ var("currency_code") }}' as currency_code,
        'subscription and month' as match_level,
        'invoicing' as step_code,
        concat(
            'fixed amounts, levels carried over, least and greatest charge of the month at ', price_rule_ids, ' give ',
            {{ amount_text('owed_micros') }}, '; ', cast(line_count as string), ' usage lines without events say ',
            {{ amount_text('line_micros') }}
        ) as arithmetic,
        cast(null as string) as left_feed,
        cast(null as string) as left_source_file,
        cast(null as bigint) as left_source_row,
        cast(null as string) as left_file_hash,
        cast(null as string) as left_key,
        cast(null as string) as left_record,
        case when line_count > 0 then 'invoice_lines' end as right_feed,
        cast(null as string) as right_source_file,
        cast(null as bigint) as right_source_row,
        cast(null as string) as right_file_hash,
        invoice_line_ids as right_key,
        {{ json_record({'invoice_line_ids': 'invoice_line_ids', 'billed_amount': amount_text('line_micros')}) }}
            as right_record
    from {{ ref('int_usage__period_comparison') }}
    where
        abs(owed_micros - line_micros) > 5000
        and exists (
            select 1 from {{ ref('stg_tieout__feeds') }} as f
            where f.feed = 'rated_usage' and f.row_count > 0
        )
)

select * from final
