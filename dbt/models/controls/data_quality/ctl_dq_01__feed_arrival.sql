with

found as (
    select
        feed_state as category,
        {{ month_of('event_on') }} as period,
        concat('network_usage|', ne_id, '|', cast(event_on as string)) as value_key,
        cast(event_on as timestamp) as event_at,
        'S1' as severity,
        'feed day' as match_level,
        concat(
            cast(row_count as string), ' records; the same weekday usually has ',
            coalesce(cast(usual_row_count as string), 'an unknown number'), ', the calendar expects ',
            cast(expected_volume_ratio as string), ' of that. Records of the day that only billing has are pending'
        ) as arithmetic,
        'network_usage' as left_feed,
        concat(ne_id, '|', cast(event_on as string)) as left_key
    from {{ ref('int_data_quality__feed_days') }}
    where feed_state <> 'ok'
),

final as (
    {{ findings('found', 'DQ-01', ['event_at', 'severity', 'match_level', 'arithmetic', 'left_feed', 'left_key']) }}
)

select * from final
