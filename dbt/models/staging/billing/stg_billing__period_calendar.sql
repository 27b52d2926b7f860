with

source as (
    {{ latest_by_key(source('billing', 'period_calendar'), ['calendar_on']) }}
),

final as (
    select
        calendar_on,
        is_working_day,
        is_holiday,
        expected_volume_ratio,
        note,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
