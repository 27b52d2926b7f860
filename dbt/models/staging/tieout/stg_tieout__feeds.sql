with

source as (
    select * from {{ source('tieout', 'feeds') }}
),

final as (
    select
        feed,
        source,
        is_mapped,
        row_count,
        file_count
    from source
)

select * from final
