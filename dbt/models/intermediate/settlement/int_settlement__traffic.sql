-- an hour of one kind of traffic; where each event is rounded, of one rated quantity
with

terms as (
    select
        r.rate_set_no,
        r.first_increment_milli,
        r.next_increment_milli,
        a.rounding_scope = 'event' as is_event_rounded
    from {{ ref('int_settlement__rates') }} as r
    inner join {{ ref('int_settlement__agreements') }} as a
        on r.agreement_id = a.agreement_id and r.version_no = a.version_no
    where r.from_milli = 0
),

rated as (
    select
        e.partner_id,
        e.direction_code,
        e.service_code,
        e.band_code,
        e.event_on,
        e.hour_no,
        c.rate_set_no,
        c.rate_count,
        e.quantity_milli,
        coalesce(t.is_event_rounded, false) as is_event_rounded,
        {{ round_up_to_increments('e.quantity_milli') }} as rated_milli
    from {{ ref('int_settlement__routed_events') }} as e
    inner join {{ ref('int_settlement__rate_choices') }} as c
        on
            e.partner_id = c.partner_id
            and e.direction_code = c.direction_code
            and e.service_code = c.service_code
            and e.band_code = c.band_code
            and e.event_on = c.event_on
    left join terms as t on c.rate_set_no = t.rate_set_no
    where not e.is_test and not e.is_repeated
),

final as (
    select
        partner_id,
        direction_code,
        service_code,
        band_code,
        event_on,
        hour_no,
        rate_set_no,
        case when is_event_rounded then rated_milli else -1 end as event_rated_milli,
        count(*) as event_count,
        count(case when quantity_milli > 0 then 1 end) as answered_count,
        cast(sum(quantity_milli) as bigint) as quantity_milli,
        cast(sum(rated_milli) as bigint) as rated_milli
    from rated
    group by
        partner_id, direction_code, service_code, band_code, event_on, hour_no, rate_set_no,
        case when is_event_rounded then rated_milli else -1 end
)

select * from final
