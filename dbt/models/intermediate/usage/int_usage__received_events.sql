-- the events that billing received, each once; without rated records the network's own stand in for them
{{ config(materialized='view') }}

with

rated_feed as (
    select count(*) = 1 as is_there
    from {{ ref('stg_tieout__feeds') }}
    where feed = 'rated_usage' and row_count > 0
),

extra_links as (
    select
        event_on,
        _file_hash,
        _source_row
    from {{ ref('int_usage__untied_rated') }}
    where link_no > 1
),

rated as (
    select
        r.event_on,
        r.rated_usage_id as event_id,
        r.subscription_id,
        r.service_id,
        r.service_code,
        r.other_party_number,
        r.other_party_number_head,
        r.started_at,
        r.quantity,
        r.unit_code,
        {{ to_micros('r.charge_amount') }} as charged_micros,
        true as is_charged,
        r._source_file,
        r._source_row,
        r._file_hash
    from {{ ref('stg_billing__rated_usage') }} as r
    left join extra_links as x
        on r.event_on = x.event_on and r._file_hash = x._file_hash and r._source_row = x._source_row
    where x._file_hash is null
),

network as (
    select
        n.event_on,
        n.network_record_id as event_id,
        o.subscription_id,
        n.service_id,
        n.service_code,
        n.other_party_number,
        n.other_party_number_head,
        n.started_at,
        n.quantity,
        n.unit_code,
        cast(null as bigint) as charged_micros,
        false as is_charged,
        n._source_file,
        n._source_row,
        n._file_hash
    from {{ ref('int_usage__assembled') }} as n
    cross join rated_feed as f
    left join {{ ref('int_customers__service_owners') }} as o
        on
            n.service_id = o.service_id
            and o.is_primary
            and n.event_on >= o.owned_from_on
            and n.event_on < o.owned_to_on
    where not f.is_there and n.call_type_code <> 'terminating'
),

final as (
    select
        *,
        {{ month_of('event_on') }} as event_month
    from (
        select * from rated
        union all
        select * from network
    ) as events
)

select * from final
