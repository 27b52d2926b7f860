-- untied rated events, each once
with

final as (
    select
        *,
        concat(_file_hash, ':', cast(_source_row as string)) as record_no
    from {{ ref('int_usage__untied_rated') }}
    where link_no = 1
)

select * from final
