-- events of plans with more rules than a price and an allowance, with their price row and the quantity they want;
-- rating_set keeps apart what billing received (0), what was delivered (1) and the steps of the bridge (4 and more)
with

billing_set as (
    select
        0 as rating_set, 1 as consume_rank, event_id, event_on, event_month, subscription_id, service_id, service_code,
        other_party_number, started_at, quantity, unit_code, charged_micros, is_charged,
        cast(null as string) as record_no, cast(null as integer) as step_no, cast(null as string) as phase,
        cast(null as boolean) as has_changes_last, cast(null as boolean) as is_changed,
        _source_file, _source_row, _file_hash, other_party_number_head
    from {{ ref('int_usage__billing_set') }}
    where {{ in_window('event_on') }}
),

chain_sets as (
    select
        rating_set, consume_rank, event_id, event_on, event_month, subscription_id, cast(null as string) as service_id,
        service_code, cast(null as string) as other_party_number, started_at, quantity,
        cast(null as string) as unit_code, cast(null as bigint) as charged_micros, cast(null as boolean) as is_charged,
        record_no, step_no, phase, has_changes_last, is_changed,
        cast(null as string) as _source_file, _source_row, _file_hash, other_party_number_head
    from {{ ref('int_usage__chain_sets') }}
),

delivered as (
    select
        1 as rating_set, 1 as consume_rank, event_id, event_on, event_month, subscription_id, service_id, service_code,
        other_party_number, started_at, quantity, unit_code,
        cast(null as bigint) as charged_micros, cast(null as boolean) as is_charged,
        cast(null as string) as record_no, cast(null as integer) as step_no, cast(null as string) as phase,
        cast(null as boolean) as has_changes_last, cast(null as boolean) as is_changed,
        _source_file, _source_row, _file_hash, other_party_number_head
    from {{ ref('int_billing__delivered_usage') }}
    where {{ 'true' if var('keep_rated_events') else 'false' }}
),

sets as (
    select * from billing_set
    union all
    select * from chain_sets
    union all
    select * from delivered
),

{{ wanted_events('sets', column_names(event_columns())) }},

final as (
    select {{ wanted_columns() }}
    from wanted
)

select * from final
