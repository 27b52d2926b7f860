-- second pass of the match, right side: rated events behind keys that do not tie, and those without a key
{{ config(materialized='by_period', period_column='event_on', inputs=['network_usage', 'rated_usage']) }}

with

untied as (
    select * from {{ ref('int_usage__untied_keys') }}
    where {{ in_window('event_on') }}
),

-- the keys alone decide which events are read at all; one of another day may have the same key
records as (
    select * from {{ ref('stg_billing__rated_usage') }}
    where
        {{ in_window('event_on') }}
        and _record_key in ({{ few_values('record_key', ref('int_usage__untied_keys'), in_window('event_on')) }})
        and (event_on, _record_key) in (select u.event_on, u.record_key from untied as u)
    union all
    select * from {{ ref('stg_billing__rated_usage') }}
    where {{ in_window('event_on') }} and _record_key is null
),

final as (
    select
        event_on,
        _record_key as record_key,
        rated_usage_id,
        network_record_id,
        account_id,
        subscription_id,
        service_id,
        service_code,
        other_party_number,
        other_party_number_head,
        started_at,
        quantity,
        unit_code,
        charge_amount,
        currency_code,
        rated_at,
        invoice_line_id,
        -- an event put on two invoice lines is delivered twice: the first line counts, the others are extra
        row_number() over (
            partition by event_on, rated_usage_id
            order by invoice_line_id, _file_hash, _source_row
        ) as link_no,
        _source_file,
        _source_row,
        _file_hash
    from records
)

select * from final
