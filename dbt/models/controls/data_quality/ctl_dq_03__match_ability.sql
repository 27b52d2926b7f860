with

rated_months as (
    select
        {{ month_of('event_on') }} as billing_month,
        sum(right_count) as rated_count,
        sum(left_count) as network_count,
        sum(null_key_count) as null_key_count
    from {{ ref('int_usage__day_counts') }}
    group by {{ month_of('event_on') }}
),

unresolved_months as (
    select
        {{ month_of('event_on') }} as billing_month,
        count(*) as unresolved_count
    from {{ ref('int_usage__match_results') }}
    where left_no is not null and subscription_id is null
    group by {{ month_of('event_on') }}
),

null_keys as (
    select
        'KEY_NULL' as category,
        billing_month as period,
        'rated_usage|network_record_id' as value_key,
        concat(
            cast(null_key_count as string), ' of ', cast(rated_count as string),
            ' rated events name no network record; they are matched by service, start and quantity'
        ) as arithmetic,
        'rated_usage' as left_feed,
        cast(null as string) as left_source_file,
        cast(null as bigint) as left_source_row,
        cast(null as string) as left_file_hash
    from rated_months
    where null_key_count > rated_count * cast({{ var('null_key_ratio') }} as decimal(9, 6))
),

unresolved as (
    select
        'KEY_UNRESOLVED' as category,
        u.billing_month as period,
        'network_usage|service_id' as value_key,
        concat(
            cast(u.unresolved_count as string), ' of ', cast(m.network_count as string),
            ' network records belong to no subscription in CRM or billing'
        ) as arithmetic,
        'network_usage' as left_feed,
        cast(null as string) as left_source_file,
        cast(null as bigint) as left_source_row,
        cast(null as string) as left_file_hash
    from unresolved_months as u
    inner join rated_months as m on u.billing_month = m.billing_month
    where u.unresolved_count > m.network_count * cast(0.001 as decimal(9, 6))
),

followed as (
    select * from {{ ref('int_customers__number_successions') }}
),

recycled as (
    select
        'KEY_DUP' as category,
        {{ month_of('first_on') }} as period,
        concat('subscriptions|', service_id) as value_key,
        concat(
            'subscription ', subscription_id, ' took the number on ', cast(first_on as string), ', ',
            previous_subscription_id, ' had it until ', cast(previous_last_on as string),
            '; quarantine is {{ var("number_quarantine_days") }} days'
        ) as arithmetic,
        'subscriptions' as left_feed,
        _source_file as left_source_file,
        _source_row as left_source_row,
        _file_hash as left_file_hash
    from followed
    where
        previous_last_on is not null
        and not is_multi_sim
        and first_on
        < {{ add_days('least(previous_last_on, cast(\'9000-01-01\' as date))', var('number_quarantine_days')) }}
        and {{ in_window('first_on') }}
),

found as (
    select
        *,
        'S2' as severity,
        'key' as match_level,
        value_key as left_key
    from (
        select * from null_keys
        union all
        select * from unresolved
        union all
        select * from recycled
    ) as keys
),

final as (
    {{ findings('found', 'DQ-03', [
        'severity', 'match_level', 'arithmetic', 'left_feed', 'left_source_file', 'left_source_row', 'left_file_hash', 'left_key'
    ]) }}
)

select * from final
