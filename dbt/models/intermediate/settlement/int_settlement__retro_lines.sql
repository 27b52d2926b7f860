-- the month in which a retroactive counter reaches another price brings the earlier months of its period to it
with

months as (
    select distinct
        agreement_id,
        version_no,
        partner_id,
        direction_code,
        service_code,
        rate_band_code,
        counter_period_no,
        rate_set_no,
        statement_month,
        reached_milli
    from {{ ref('int_settlement__counted_traffic') }}
    where tier_scheme = 'retroactive'
),

-- one price list a month: the newest where it changed inside
priced as (
    select
        m.*,
        r.partner_rate_id,
        r.price_micros,
        r.unit_milli,
        row_number() over (
            partition by m.agreement_id, m.service_code, m.rate_band_code, m.counter_period_no, m.statement_month
            order by m.rate_set_no desc
        ) as set_rank
    from months as m
    inner join {{ ref('int_settlement__rates') }} as r
        on
            m.rate_set_no = r.rate_set_no
            and m.reached_milli >= r.from_milli
            and m.reached_milli < {{ no_end('r.next_from_milli') }}
),

followed as (
    select
        *,
        lag(reached_milli) over by_month as earlier_milli,
        lag(price_micros) over by_month as earlier_price_micros,
        lag(unit_milli) over by_month as earlier_unit_milli
    from priced
    where set_rank = 1
    window by_month as (
        partition by agreement_id, service_code, rate_band_code, counter_period_no order by statement_month
    )
),

valued as (
    select
        f.*,
        {{ settled_micros('f.earlier_milli', 'f.price_micros', 'f.unit_milli', '0', '0', 'a.rounding_step_micros') }}
        - {{ settled_micros(
            'f.earlier_milli', 'f.earlier_price_micros', 'f.earlier_unit_milli', '0', '0', 'a.rounding_step_micros'
        ) }} as line_micros
    from followed as f
    inner join {{ ref('int_settlement__agreements') }} as a
        on f.agreement_id = a.agreement_id and f.version_no = a.version_no
    where f.earlier_milli > 0
),

final as (
    select
        partner_id,
        direction_code,
        agreement_id,
        version_no,
        service_code,
        rate_band_code,
        partner_rate_id,
        statement_month,
        earlier_milli,
        price_micros,
        unit_milli,
        line_micros
    from valued
    where line_micros <> 0
)

select * from final
