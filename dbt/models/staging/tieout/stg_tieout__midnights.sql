with

final as (
    select
        first_on,
        last_on,
        offset_seconds
    from {{ source('tieout', 'midnights') }}
)

select * from final
