-- first pass of the match, a day at a time: only keys that do not tie are kept
{{ config(materialized='by_period', period_column='event_on', inputs=['network_usage', 'rated_usage']) }}

with

feeds as (
    select count(*) = 2 as has_both
    from {{ ref('stg_tieout__feeds') }}
    where feed in ('network_usage', 'rated_usage') and row_count > 0
),

-- a continuation of a long call adds its quantity to the first record, but is no record of its own
network as (
    select
        event_on,
        _record_key as record_key,
        quantity,
        case when partial_of_record_id is null then 1 else 0 end as record_count
    from {{ ref('int_usage__assembled') }}
    where call_type_code <> 'terminating' and {{ in_window('event_on') }}
),

rated as (
    select
        event_on,
        _record_key as record_key,
        quantity,
        1 as record_count
    from {{ ref('stg_billing__rated_usage') }}
    where _record_key is not null and {{ in_window('event_on') }}
),

sides as (
    {{ match_by_key('network', 'rated') }}
),

final as (
    select
        s.event_on,
        s.record_key,
        s.side_count,
        s.quantity_difference
    from sides as s
    cross join feeds as f
    where f.has_both or s.side_count >= 2 * 4294967296
)

select * from final
