with

source as (
    select * from {{ source('tieout', 'control_schedule') }}
),

final as (
    select
        control_id,
        from_month,
        to_month,
        state,
        reason,
        approved_by
    from source
)

select * from final
