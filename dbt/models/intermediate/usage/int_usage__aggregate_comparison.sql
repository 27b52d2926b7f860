-- what the two sides of an aggregate say, with its arithmetic
with

joined as (
    select * from {{ ref('int_usage__aggregate_sides') }}
),

first_records as (
    select
        network_record_id,
        _source_file,
        _source_row,
        _file_hash,
        row_number() over (partition by network_record_id order by _file_hash, _source_row) as copy_no
    from {{ ref('stg_mediation__network_usage') }}
    where network_record_id in (select j.left_key from joined as j) and {{ in_window('event_on') }}
),

final as (
    select
        j.*,
        u._source_file as left_source_file,
        u._source_row as left_source_row,
        u._file_hash as left_file_hash,
        case
            when j.has_subscription and j.has_service then 'account, subscription, service and month'
            when j.has_subscription then 'account, subscription and month'
            when j.has_service then 'account, service and month'
            else 'account and month'
        end as match_level,
        concat(
            cast(j.event_count as string), ' network records rated at the approved prices give ',
            {{ amount_text('j.exact_micros') }}, ', on the bill ', {{ cents_text('j.expected_micros') }}, '; ',
            cast(j.line_count as string), ' invoice lines say ', {{ cents_text('j.billed_micros') }},
            '. Billing hands over no rated records, so single events cannot be compared'
        ) as arithmetic,
        {{ json_record({'first_record': 'j.left_key', 'records': 'j.event_count',
                        'expected_amount': amount_text('j.exact_micros')}) }} as left_record,
        {{ json_record({'invoice_line_ids': 'j.invoice_line_ids', 'lines': 'j.line_count',
                        'billed_amount': amount_text('j.billed_micros')}) }} as right_record
    from joined as j
    left join first_records as u on j.left_key = u.network_record_id and u.copy_no = 1
    where j.exact_micros <> 0 or j.billed_micros <> 0
)

select * from final
