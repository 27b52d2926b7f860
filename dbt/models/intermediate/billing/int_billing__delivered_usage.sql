-- all usage that was delivered, each event once: what the bridge starts from
{{ config(materialized='view') }}

with

-- without the network's own records those that billing received are all there is
network_feed as (
    select count(*) = 1 as is_there
    from {{ ref('stg_tieout__feeds') }}
    where feed = 'network_usage' and row_count > 0
),

records as (
    select r.*
    from {{ ref('int_usage__chain_records') }} as r
    cross join network_feed as f
    where r.subscription_id is not null and f.is_there
),

-- what billing received as it was delivered
undisturbed as (
    select b.*
    from {{ ref('int_usage__billing_set') }} as b
    left join (
        select distinct
            right_file_hash,
            right_source_row
        from records
        where right_file_hash is not null
    ) as x
        on b._file_hash = x.right_file_hash and b._source_row = x.right_source_row
    where x.right_file_hash is null
),

final as (
    select
        event_id, event_month, event_on, subscription_id, service_id, service_code, other_party_number,
        other_party_number_head, started_at, quantity, unit_code, _source_file, _source_row, _file_hash
    from undisturbed
    where {{ in_window('event_on') }}
    union all
    select
        event_id, event_month, event_on, subscription_id, service_id, service_code,
        cast(null as string) as other_party_number, other_party_number_head, started_at,
        network_quantity as quantity, cast(null as string) as unit_code,
        coalesce(left_source_file, right_source_file) as _source_file,
        coalesce(left_source_row, right_source_row) as _source_row,
        coalesce(left_file_hash, right_file_hash) as _file_hash
    from records
    where enters_at = 0 and {{ in_window('event_on') }}
)

select * from final
