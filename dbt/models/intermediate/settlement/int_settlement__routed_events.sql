-- of a record that was delivered twice the first counts; tests on the register of routes are nobody's
with

records as (
    select * from {{ ref('stg_mediation__interconnect_usage') }}
    where event_on >= {{ look_back_from() }} and event_on <= {{ window_to() }}
),

repeated as (
    select
        _record_key,
        min({{ record_place() }}) as first_place
    from records
    group by _record_key
    having count(*) > 1
),

-- of two rows of a trunk group the later takes over
routes as (
    select
        trunk_group_id,
        partner_id,
        direction_code,
        coalesce(is_test, false) as is_test,
        valid_from_on,
        least(
            {{ open_end('valid_to_on') }},
            coalesce(
                lead(valid_from_on) over (partition by trunk_group_id order by valid_from_on),
                cast('9999-12-31' as date)
            )
        ) as valid_to_on
    from {{ ref('stg_partners__partner_routes') }}
),

routed as (
    select
        r.*,
        coalesce(t.partner_id, r.partner_id, '') as settled_partner_id,
        t.partner_id is not null as is_route_known,
        coalesce(t.is_test, false) as is_test,
        coalesce(t.direction_code <> r.direction_code, false) as is_wrong_direction,
        coalesce(d.first_place <> {{ record_place('r.') }}, false) as is_repeated,
        coalesce(r.routing_number_head, r.called_number_head) as head,
        {{ local_micros(epoch_micros('r.started_at')) }} as clock_micros
    from records as r
    left join repeated as d on r._record_key = d._record_key
    left join routes as t
        on
            r.trunk_group_id = t.trunk_group_id
            and r.event_on >= t.valid_from_on
            and r.event_on < t.valid_to_on
),

final as (
    select
        r._record_key,
        r.trunk_group_id,
        r.settled_partner_id as partner_id,
        r.direction_code,
        r.service_code,
        coalesce(b.band_code, '') as band_code,
        r.event_on,
        cast({{ integer_divide('r.clock_micros', '3600000000') }} % 24 as integer) as hour_no,
        {{ to_milli('r.quantity') }} as quantity_milli,
        r.is_route_known,
        r.is_wrong_direction,
        r.is_test,
        r.is_repeated,
        r._source_file,
        r._source_row,
        r._file_hash
    from routed as r
    left join {{ ref('int_settlement__band_ranges') }} as b
        on
            r.settled_partner_id = b.partner_id
            and {{ head_bucket('r.head') }} = b.bucket_no
            and r.head >= b.from_head
            and r.head < b.to_head
            and r.event_on >= b.span_from_on
            and r.event_on < b.span_to_on
)

select * from final
