-- what was exchanged on a day without exactly one price, and what it would cost at the price that is nearest
with

held as (
    select
        c.partner_id,
        c.direction_code,
        c.service_code,
        c.band_code,
        c.event_on,
        c.rate_count,
        c.partner_rate_id,
        c.other_partner_rate_id,
        cast(sum(t.event_count) as bigint) as event_count,
        cast(sum(t.quantity_milli) as bigint) as quantity_milli
    from {{ ref('int_settlement__rate_choices') }} as c
    inner join {{ ref('int_settlement__traffic') }} as t
        on
            c.partner_id = t.partner_id
            and c.direction_code = t.direction_code
            and c.service_code = t.service_code
            and c.band_code = t.band_code
            and c.event_on = t.event_on
    where c.rate_count <> 1 and {{ in_window('c.event_on') }}
    group by
        c.partner_id, c.direction_code, c.service_code, c.band_code, c.event_on, c.rate_count, c.partner_rate_id,
        c.other_partner_rate_id
),

ended as (
    select
        h.partner_id,
        h.direction_code,
        h.service_code,
        h.band_code,
        h.event_on,
        substring(max(concat(cast(r.valid_to_on as string), '|', r.partner_rate_id)), 12) as partner_rate_id
    from held as h
    inner join {{ ref('int_settlement__rates') }} as r
        on
            h.partner_id = r.partner_id
            and h.direction_code = r.direction_code
            and h.service_code = r.service_code
            and r.rate_band_code in (h.band_code, '')
            and h.event_on >= r.valid_to_on
    where r.from_milli = 0
    group by h.partner_id, h.direction_code, h.service_code, h.band_code, h.event_on
),

agreed as (
    select distinct
        partner_id,
        direction_code
    from {{ ref('int_settlement__agreements') }}
),

final as (
    select
        h.partner_id,
        h.direction_code,
        h.service_code,
        h.band_code,
        h.event_on,
        case
            when h.rate_count > 1 then 'RATE_OVERLAP'
            when h.partner_id = '' then 'ROUTE_UNMAPPED'
            when p.partner_id is null then 'PARTNER_UNKNOWN'
            when a.partner_id is null then 'AGREEMENT_MISSING'
            when n.partner_rate_id is not null then 'AGREEMENT_EXPIRED'
            else 'RATE_MISSING'
        end as hold_code,
        h.event_count,
        h.quantity_milli,
        h.partner_rate_id,
        h.other_partner_rate_id,
        n.partner_rate_id as ended_rate_id,
        coalesce({{ settled_micros(
            'h.quantity_milli', 'r.price_micros', 'r.unit_milli', 'r.setup_micros', 'h.event_count', '1'
        ) }}, 0) as estimated_micros,
        v.currency_code
    from held as h
    left join ended as n
        on
            h.partner_id = n.partner_id
            and h.direction_code = n.direction_code
            and h.service_code = n.service_code
            and h.band_code = n.band_code
            and h.event_on = n.event_on
    left join
        {{ ref('int_settlement__rates') }} as r
        on coalesce(h.partner_rate_id, n.partner_rate_id) = r.partner_rate_id
    left join {{ ref('int_settlement__agreements') }} as v
        on r.agreement_id = v.agreement_id and r.version_no = v.version_no
    left join {{ ref('stg_partners__partners') }} as p on h.partner_id = p.partner_id
    left join agreed as a on h.partner_id = a.partner_id and h.direction_code = a.direction_code
)

select * from final
