with

zones as (
    select * from {{ ref('stg_billing__destination_zones') }}
),

final as (
    {{ prefix_ranges('zones', 'zone_code') }}
)

select * from final
