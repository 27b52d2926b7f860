-- the ranges once more under the first five digits they cover, so that a number finds its zone by an equal join
with

ranges as (
    select
        from_head,
        to_head,
        zone_code,
        dense_rank() over (order by zone_code) as zone_no
    from {{ ref('int_catalogue__zone_ranges') }}
),

final as (
    select
        {{ each_integer(head_bucket('from_head'), head_bucket('to_head - 1')) }} as bucket_no,
        from_head,
        to_head,
        zone_code,
        zone_no
    from ranges
)

select * from final
