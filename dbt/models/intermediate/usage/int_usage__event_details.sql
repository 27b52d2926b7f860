-- only few operators deliver these columns: where they are empty nothing is kept of a record
with

rated as (
    select
        'rated_usage' as feed, subscription_id, event_amount, active_quantity, metric_code, is_reversal,
        event_on, _file_hash, _source_row
    from {{ ref('stg_billing__rated_usage') }}
    where
        {{ in_window('event_on') }}
        and (event_amount is not null or active_quantity is not null or metric_code is not null or is_reversal)
),

network as (
    select
        'network_usage' as feed, o.subscription_id, n.event_amount, n.active_quantity, n.metric_code, n.is_reversal,
        n.event_on, n._file_hash, n._source_row
    from {{ ref('stg_mediation__network_usage') }} as n
    left join {{ ref('int_customers__service_owners') }} as o
        on
            n.service_id = o.service_id
            and o.is_primary
            and n.event_on >= o.owned_from_on
            and n.event_on < o.owned_to_on
    where
        {{ in_window('n.event_on') }}
        and (n.event_amount is not null or n.active_quantity is not null or n.metric_code is not null or n.is_reversal)
),

final as (
    select
        feed,
        event_on,
        subscription_id,
        {{ to_micros('event_amount') }} as amount_micros,
        {{ to_milli('active_quantity') }} as active_milli,
        metric_code,
        coalesce(is_reversal, false) as is_reversal,
        _file_hash,
        _source_row
    from (
        select * from rated
        union all
        select * from network
    ) as details
)

select * from final
