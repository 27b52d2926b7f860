with

files as (
    select * from {{ ref('int_usage__file_checks') }}
),

amounts as (
    select
        value_key,
        category,
        min(event_month) as event_month,
        count(*) as record_count,
        sum(greatest(step_micros, 0)) as under_micros,
        sum(greatest(-step_micros, 0)) as over_micros
    from {{ ref('int_usage__owned_amounts') }}
    where control_id = 'USG-01'
    group by value_key, category
),

collection as (
    select
        f.collection_state as category,
        coalesce(a.event_month, f.event_month) as period,
        concat(f.ne_id, '|', f.file_name) as value_key,
        coalesce(a.under_micros, 0) as under_micros,
        coalesce(a.over_micros, 0) as over_micros,
        concat(
            'the element wrote ', cast(f.written_count as string), ' records, mediation collected ',
            cast(coalesce(f.collected_count, 0) as string), ' in ', cast(f.collection_count as string),
            ' collections; ', cast(coalesce(a.record_count, 0) as string), ' records were never rated'
        ) as arithmetic,
        f.*
    from files as f
    left join amounts as a
        on concat(f.ne_id, '|', f.file_name) = a.value_key and f.collection_state = a.category
    where f.collection_state <> 'ok'
),

sequence as (
    select
        'SEQ_RESET' as category,
        event_month as period,
        concat(ne_id, '|', file_name) as value_key,
        0 as under_micros,
        0 as over_micros,
        concat(
            'sequence ', cast(sequence_no as string), ' follows ', cast(previous_sequence_no as string),
            '; expected ', cast((previous_sequence_no + 1) % {{ var('sequence_modulus') }} as string)
        ) as arithmetic,
        *
    from files
    where is_sequence_broken
),

found as (
    select
        category,
        period,
        value_key,
        opened_at as event_at,
        under_micros,
        over_micros,
        under_micros as expected_micros,
        over_micros as actual_micros,
        'lost_before_rating' as step_code,
        arithmetic,
        'usage_files' as left_feed,
        left_source_file,
        left_source_row,
        left_file_hash,
        file_name as left_key,
        {{ json_record({
            'ne_id': 'ne_id', 'file_name': 'file_name', 'sequence_no': 'sequence_no',
            'opened_at': 'opened_at', 'closed_at': 'closed_at', 'record_count': 'written_count'
        }) }} as left_record,
        case when right_file_hash is not null then 'usage_files' end as right_feed,
        right_source_file,
        right_source_row,
        right_file_hash,
        case when right_file_hash is not null then file_name end as right_key,
        case when right_file_hash is not null then {{ json_record({
            'ne_id': 'ne_id', 'file_name': 'file_name', 'collection_count': 'collection_count',
            'record_count': 'collected_count'
        }) }} end as right_record
    from (
        select * from collection
        union all
        select * from sequence
    ) as checks
),

final as (
    {{ findings('found', 'USG-01', [
        'event_at', 'under_micros', 'over_micros', 'expected_micros', 'actual_micros', 'step_code', 'arithmetic',
        'left_feed', 'left_source_file', 'left_source_row', 'left_file_hash', 'left_key', 'left_record',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
