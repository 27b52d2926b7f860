-- untied network records, each once: a long call that runs over midnight is delivered in two days
with

parts as (
    select
        *,
        concat(_file_hash, ':', cast(_source_row as string)) as record_no,
        case
            when sum(record_count) over (partition by record_key) = 1
                then sum(quantity) over (partition by record_key)
            else quantity
        end as whole_quantity
    from {{ ref('int_usage__untied_network') }}
),

final as (
    select
        event_on,
        record_key,
        record_no,
        network_record_id,
        usage_file_name,
        ne_id,
        service_id,
        service_code,
        other_party_number,
        other_party_number_head,
        started_at,
        cast(whole_quantity as decimal(18, 3)) as quantity,
        unit_code,
        _source_file,
        _source_row,
        _file_hash
    from parts
    where record_count > 0
)

select * from final
