-- where an hour of traffic lies in its counter: the quantity of an agreement, service and band of its prices in a
-- counting period; linear prices make an hour as exact as its events
with

rate_sets as (
    select
        r.rate_set_no,
        r.agreement_id,
        r.version_no,
        r.rate_band_code,
        a.tier_scheme,
        a.counter_start_on,
        a.counter_months
    from {{ ref('int_settlement__rates') }} as r
    inner join {{ ref('int_settlement__agreements') }} as a
        on r.agreement_id = a.agreement_id and r.version_no = a.version_no
    where r.from_milli = 0
),

placed as (
    select
        t.*,
        {{ month_of('t.event_on') }} as statement_month,
        s.agreement_id,
        s.version_no,
        s.rate_band_code,
        s.tier_scheme,
        {{ counter_period_no('t.event_on', 's.counter_start_on', 's.counter_months') }} as counter_period_no
    from {{ ref('int_settlement__traffic') }} as t
    inner join rate_sets as s on t.rate_set_no = s.rate_set_no
),

counted as (
    select
        *,
        cast(sum(rated_milli) over in_order as bigint) as counted_milli,
        cast(sum(rated_milli) over through_month as bigint) as reached_milli
    from placed
    window
        in_order as (
            partition by agreement_id, service_code, rate_band_code, counter_period_no
            order by event_on, hour_no, rate_set_no, band_code, event_rated_milli
            rows between unbounded preceding and current row
        ),
        through_month as (
            partition by agreement_id, service_code, rate_band_code, counter_period_no
            order by statement_month
            range between unbounded preceding and current row
        )
),

final as (
    select
        partner_id,
        direction_code,
        service_code,
        band_code,
        event_on,
        hour_no,
        event_rated_milli,
        statement_month,
        agreement_id,
        version_no,
        rate_band_code,
        rate_set_no,
        tier_scheme,
        counter_period_no,
        event_count,
        answered_count,
        quantity_milli,
        rated_milli,
        counted_milli - rated_milli as counted_before_milli,
        reached_milli
    from counted
)

select * from final
