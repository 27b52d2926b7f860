with

source as (
    {{ latest_by_key(
        source('billing', 'time_bands'),
        ['time_band_code', 'weekday_no', 'month_no', 'month_day_no', 'starts_at_second']
    ) }}
),

final as (
    select
        time_band_code,
        weekday_no,
        month_no,
        month_day_no,
        starts_at_second,
        ends_at_second,
        weight,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
