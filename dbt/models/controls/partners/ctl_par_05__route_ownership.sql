with

faults as (
    select * from {{ ref('int_settlement__route_months') }}
),

found as (
    select
        f.fault_code as category,
        f.statement_month as period,
        concat(f.trunk_group_id, '|', f.direction_code) as value_key,
        nullif(f.partner_id, '') as partner_id,
        f.fault_micros as expected_micros,
        case when f.direction_code <> 'outgoing' then f.fault_micros else 0 end as under_micros,
        case when f.direction_code = 'outgoing' then f.fault_micros else 0 end as timing_micros,
        'estimated' as confidence,
        'day' as match_level,
        'settlement' as revenue_stream,
        'invoicing' as step_code,
        concat(
            cast(f.event_count as string), ' events, ', cast({{ from_milli('f.quantity_milli') }} as string),
            ' base units from ', cast(f.first_on as string), ' to ', cast(f.last_on as string),
            '; what is not settled of them at the lowest price of the direction ', {{ amount_text('f.fault_micros') }}
        ) as arithmetic,
        'interconnect_usage' as left_feed,
        e._source_file as left_source_file,
        e._source_row as left_source_row,
        e._file_hash as left_file_hash,
        f.trunk_group_id as left_key,
        {{ json_record({
            'trunk_group_id': 'f.trunk_group_id', 'direction_code': 'f.direction_code', 'first_on': 'f.first_on',
            'last_on': 'f.last_on', 'events': 'f.event_count'
        }) }} as left_record
    from faults as f
    inner join {{ ref('int_settlement__routed_events') }} as e
        on f.trunk_group_id = e.trunk_group_id and f.first_place = {{ record_place('e.') }}
),

final as (
    {{ findings('found', 'PAR-05', [
        'partner_id', 'expected_micros', 'under_micros', 'timing_micros', 'confidence', 'match_level',
        'revenue_stream', 'step_code', 'arithmetic', 'left_feed', 'left_source_file', 'left_source_row',
        'left_file_hash', 'left_key', 'left_record'
    ]) }}
)

select * from final
