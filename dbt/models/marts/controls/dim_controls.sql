with

catalogue as (
    {{ control_catalogue() }}
),

final as (
    select
        cast(control_id as string) as control_id,
        cast(title as string) as title,
        cast(question as string) as question,
        cast(area as string) as area,
        cast(owner_stage as string) as owner_stage,
        cast(owner as string) as owner,
        cast(severity as string) as severity,
        cast(tolerance as string) as tolerance,
        cast(needed_feeds as string) as needed_feeds
    from catalogue
)

select * from final
