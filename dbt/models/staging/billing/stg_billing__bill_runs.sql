with

source as (
    {{ latest_by_key(source('billing', 'bill_runs'), ['bill_run_id']) }}
),

final as (
    select
        bill_run_id,
        bill_cycle_code,
        period_start_on,
        period_end_on,
        cutoff_at,
        issued_on,
        status,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
