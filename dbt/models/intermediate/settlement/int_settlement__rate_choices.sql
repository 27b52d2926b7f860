-- which prices hold for what was exchanged on a day; without exactly one the traffic is not settled
with

exchanged as (
    select distinct
        partner_id,
        direction_code,
        service_code,
        band_code,
        event_on
    from {{ ref('int_settlement__routed_events') }}
    where not is_test and not is_repeated
),

rates as (
    select * from {{ ref('int_settlement__rates') }}
),

-- a price for the band goes before one for every band
candidates as (
    select
        e.*,
        r.rate_set_no,
        r.partner_rate_id,
        dense_rank() over (
            partition by e.partner_id, e.direction_code, e.service_code, e.band_code, e.event_on
            order by case when r.rate_band_code = '' then 1 else 0 end
        ) as band_rank
    from exchanged as e
    inner join rates as r
        on
            e.partner_id = r.partner_id
            and e.direction_code = r.direction_code
            and e.service_code = r.service_code
            and r.rate_band_code in (e.band_code, '')
            and e.event_on >= r.valid_from_on
            and e.event_on < r.valid_to_on
    where r.from_milli = 0
),

counted as (
    select
        partner_id,
        direction_code,
        service_code,
        band_code,
        event_on,
        count(*) as rate_count,
        min(rate_set_no) as rate_set_no,
        min(partner_rate_id) as partner_rate_id,
        max(partner_rate_id) as other_partner_rate_id
    from candidates
    where band_rank = 1
    group by partner_id, direction_code, service_code, band_code, event_on
),

final as (
    select
        e.partner_id,
        e.direction_code,
        e.service_code,
        e.band_code,
        e.event_on,
        coalesce(c.rate_count, 0) as rate_count,
        case when c.rate_count = 1 then c.rate_set_no end as rate_set_no,
        c.partner_rate_id,
        c.other_partner_rate_id
    from exchanged as e
    left join counted as c
        on
            e.partner_id = c.partner_id
            and e.direction_code = c.direction_code
            and e.service_code = c.service_code
            and e.band_code = c.band_code
            and e.event_on = c.event_on
)

select * from final
