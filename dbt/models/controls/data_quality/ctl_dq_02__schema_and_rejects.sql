with

rows_rejected as (
    select
        feed,
        source_file,
        file_hash,
        coalesce(column_name, '') as column_name,
        case when reason_code = 'allowed' then 'ENUM_NEW' else 'SCHEMA_DRIFT' end as category,
        min({{ month_of('event_on') }}) as event_month,
        min(source_row) as source_row,
        count(*) as row_count,
        min(value) as value,
        min(reason_code) as reason_code
    from {{ ref('stg_tieout__quarantined_rows') }}
    group by
        feed, source_file, file_hash, coalesce(column_name, ''),
        case when reason_code = 'allowed' then 'ENUM_NEW' else 'SCHEMA_DRIFT' end
),

files_refused as (
    select
        feed,
        source_file,
        file_hash,
        '(file)' as column_name,
        'REJECT_RATE_HIGH' as category,
        {{ month_of('first_event_on') }} as event_month,
        cast(1 as bigint) as source_row,
        line_count as row_count,
        cast(null as string) as value,
        reason as reason_code
    from {{ ref('stg_tieout__landed_files') }}
    where status = 'refused'
),

found as (
    select
        category,
        coalesce(event_month, {{ window_from() }}) as period,
        concat(feed, '|', source_file, '|', column_name) as value_key,
        'S2' as severity,
        'delivery' as match_level,
        concat(
            cast(row_count as string), ' lines quarantined: ', reason_code,
            coalesce(' in ' || nullif(column_name, ''), ''), coalesce(', for example ' || value, '')
        ) as arithmetic,
        feed as left_feed,
        source_file as left_source_file,
        source_row as left_source_row,
        file_hash as left_file_hash,
        source_file as left_key
    from (
        select * from rows_rejected
        union all
        select * from files_refused
    ) as rejected
    where event_month is null or (event_month >= {{ window_from() }} and event_month < {{ window_to() }})
),

final as (
    {{ findings('found', 'DQ-02', [
        'severity', 'match_level', 'arithmetic', 'left_feed', 'left_source_file', 'left_source_row', 'left_file_hash', 'left_key'
    ]) }}
)

select * from final
