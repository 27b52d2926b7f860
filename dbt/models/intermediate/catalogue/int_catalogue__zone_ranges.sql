-- nested prefixes become disjoint ranges of nine-digit heads, so a zone is one range lookup per distinct head
with

prefixes as (
    select
        zone_code,
        length(prefix) as prefix_length,
        cast(rpad(prefix, 9, '0') as bigint) as from_head,
        cast(rpad(prefix, 9, '0') as bigint) + {{ power_of_ten('9 - length(prefix)') }} as to_head
    from {{ ref('stg_billing__destination_zones') }}
),

borders as (
    select from_head as border from prefixes
    union
    select to_head as border from prefixes
),

pieces as (
    select
        border as from_head,
        lead(border) over (order by border) as to_head
    from borders
),

ranked as (
    select
        pieces.from_head,
        pieces.to_head,
        prefixes.zone_code,
        row_number() over (
            partition by pieces.from_head
            order by prefixes.prefix_length desc, prefixes.zone_code asc
        ) as prefix_rank
    from pieces
    inner join prefixes
        on pieces.from_head >= prefixes.from_head and pieces.from_head < prefixes.to_head
    where pieces.to_head is not null
),

final as (
    select
        from_head,
        to_head,
        zone_code
    from ranked
    where prefix_rank = 1
)

select * from final
