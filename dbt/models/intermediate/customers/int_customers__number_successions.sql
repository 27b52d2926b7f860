-- each life of a number with the one before it
with

lives as (
    select
        service_id,
        subscription_id,
        min(valid_from_on) as first_on,
        max({{ open_end('valid_to_on') }}) as last_on,
        bool_or(coalesce(is_multi_sim, false)) as is_multi_sim,
        min(_source_file) as _source_file,
        min(_source_row) as _source_row,
        min(_file_hash) as _file_hash
    from {{ ref('stg_billing__subscriptions') }}
    group by service_id, subscription_id
),

final as (
    select
        *,
        lag(last_on) over (partition by service_id order by first_on, subscription_id) as previous_last_on,
        lag(subscription_id)
            over (partition by service_id order by first_on, subscription_id)
            as previous_subscription_id
    from lives
)

select * from final
