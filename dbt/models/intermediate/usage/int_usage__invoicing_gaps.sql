-- invoice lines that are not the sum of their events; and, without rated records, not the value of the usage
with

by_line as (
    select
        'AMOUNT_DIFF' as category,
        billed_month as period,
        invoice_line_id as value_key,
        cast(null as timestamp) as event_at,
        account_id,
        subscription_id,
        linked_micros as expected_micros,
        line_micros as actual_micros,
        greatest(linked_micros - line_micros, 0) as under_micros,
        greatest(line_micros - linked_micros, 0) as over_micros,
        currency_code,
        'invoice line' as match_level,
        'invoicing' as step_code,
        concat(
            cast(linked_count as string), ' rated events of the line sum to ', {{ amount_text('linked_micros') }},
            ', the line says ', {{ amount_text('line_micros') }}
        ) as arithmetic,
        cast(null as string) as left_feed,
        cast(null as string) as left_source_file,
        cast(null as bigint) as left_source_row,
        cast(null as string) as left_file_hash,
        cast(null as string) as left_key,
        cast(null as string) as left_record,
        'invoice_lines' as right_feed,
        _source_file as right_source_file,
        _source_row as right_source_row,
        _file_hash as right_file_hash,
        invoice_line_id as right_key,
        {{ json_record({
            'invoice_line_id': 'invoice_line_id', 'invoice_id': 'invoice_id', 'subscription_id': 'subscription_id',
            'service_code': 'service_code', 'line_amount': amount_text('line_micros')
        }) }} as right_record
    from {{ ref('int_usage__usage_lines') }} as l
    where
        abs(linked_micros - line_micros) > 5000
        -- a line without events may be what is owed for the month
        and not (linked_count = 0 and exists (
            select 1 from {{ ref('int_usage__period_comparison') }} as p
            where
                p.billing_month = l.billed_month
                and p.subscription_id = l.subscription_id
                and p.account_id = l.account_id
        ))
        -- the copy of a whole invoice is BIL-05's
        and not exists (
            select 1 from {{ ref('int_billing__copied_lines') }} as c
            where c.invoice_line_id = l.invoice_line_id
        )
        and exists (
            select 1 from {{ ref('stg_tieout__feeds') }} as f
            where f.feed = 'rated_usage' and f.row_count > 0
        )
),

by_aggregate as (
    select
        case
            when line_count = 0 then 'UNBILLED_AFTER_CYCLE'
            when line_count > 1 and billed_micros > expected_micros then 'BILLED_TWICE'
            else 'AMOUNT_DIFF'
        end as category,
        billing_month as period,
        concat(account_id, '|', subscription_id, '|', service_code) as value_key,
        cast(null as timestamp) as event_at,
        account_id,
        subscription_id,
        expected_micros,
        billed_micros as actual_micros,
        greatest(expected_micros - billed_micros, 0) as under_micros,
        greatest(billed_micros - expected_micros, 0) as over_micros,
        currency_code,
        match_level,
        'invoicing' as step_code,
        arithmetic,
        'network_usage' as left_feed,
        left_source_file,
        left_source_row,
        left_file_hash,
        left_key,
        left_record,
        case when right_file_hash is not null then 'invoice_lines' end as right_feed,
        right_source_file,
        right_source_row,
        right_file_hash,
        invoice_line_ids as right_key,
        right_record
    from {{ ref('int_usage__aggregate_comparison') }}
    where expected_micros <> billed_micros
),

final as (
    select * from by_line
    union all
    select * from {{ ref('int_usage__period_gaps') }}
    union all
    select * from by_aggregate
)

select * from final
