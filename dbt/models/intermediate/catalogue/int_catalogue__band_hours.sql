-- the price row of every hour of every local day where an offer has time bands; a call may begin a day before
{%- set day = 'offering_no, service_code, zone_no, local_on' %}
with

days as (
    select
        s.spine_on as local_on,
        {{ weekday_no('s.spine_on') }} as weekday_no,
        coalesce(c.is_holiday, false) as is_holiday
    from ({{ date_spine(look_back_from(), add_days(window_to(), 1)) }}) as s
    left join {{ ref('stg_billing__period_calendar') }} as c on s.spine_on = c.calendar_on
    where s.spine_on >= coalesce(
        (select min(e.granted_month) from {{ ref('int_billing__earlier_allowance_months') }} as e), {{ window_from() }}
    )
),

terms as (
    select * from {{ ref('int_catalogue__usage_terms') }}
    where is_banded
),

bands as (
    select
        d.local_on,
        b.time_band_code,
        b.starts_at_second * 1000 as from_milli,
        b.ends_at_second * 1000 as to_milli,
        coalesce(b.weight, 0) as weight,
        case when b.month_no is null then 0 else 1 end + case when b.month_day_no is null then 0 else 1 end
        + case when b.weekday_no = 8 then 1 else 0 end as named_count
    from days as d
    inner join {{ ref('stg_billing__time_bands') }} as b
        on
            (d.weekday_no = b.weekday_no or (b.weekday_no = 8 and d.is_holiday))
            and coalesce(b.month_no = month(d.local_on), true)
            and coalesce(b.month_day_no = day(d.local_on), true)
    where b.ends_at_second > b.starts_at_second
),

-- a price for every hour stands behind those of time bands
candidates as (
    select
        t.offering_no, t.service_code, t.zone_no, t.usage_term_no, t.time_band_code,
        b.local_on, b.from_milli, b.to_milli, 1 as is_timed, b.weight, b.named_count
    from terms as t
    inner join bands as b
        on t.time_band_code = b.time_band_code and t.valid_from_on <= b.local_on and t.valid_to_on > b.local_on
    union all
    select
        t.offering_no, t.service_code, t.zone_no, t.usage_term_no, t.time_band_code,
        d.local_on, 0 as from_milli, 86400000 as to_milli, 0 as is_timed, 0 as weight, 0 as named_count
    from terms as t
    inner join days as d
        on t.time_band_code is null and t.valid_from_on <= d.local_on and t.valid_to_on > d.local_on
),

borders as (
    select {{ day }}, from_milli as border_milli from candidates
    union
    select {{ day }}, to_milli as border_milli from candidates
),

pieces as (
    select
        *,
        lead(border_milli) over (partition by {{ day }} order by border_milli) as piece_to_milli
    from borders
),

ranked as (
    select
        *,
        row_number() over (
            partition by {{ day }}, border_milli
            order by is_timed desc, weight desc, named_count desc, usage_term_no asc
        ) as band_rank,
        count(*) over (partition by {{ day }}, border_milli, is_timed, weight, named_count) > 1 as is_ambiguous
    from (
        select c.*, p.border_milli, p.piece_to_milli
        from candidates as c
        inner join pieces as p
            on
                c.offering_no = p.offering_no and c.service_code = p.service_code and c.zone_no = p.zone_no
                and c.local_on = p.local_on and c.from_milli <= p.border_milli and c.to_milli > p.border_milli
    ) as placed
),

-- neighbours under one price are one stretch: there is no border to cut at
runs as (
    select
        *,
        sum(case when usage_term_no = last_term_no and border_milli = last_to_milli then 0 else 1 end) over (
            partition by {{ day }} order by border_milli
        ) as run_no
    from (
        select
            *,
            lag(usage_term_no) over (partition by {{ day }} order by border_milli) as last_term_no,
            lag(piece_to_milli) over (partition by {{ day }} order by border_milli) as last_to_milli
        from ranked
        where band_rank = 1
    ) as followed
),

final as (
    select
        local_on,
        offering_no,
        service_code,
        zone_no,
        cast(min(border_milli) as bigint) as from_milli,
        cast(max(piece_to_milli) as bigint) as to_milli,
        usage_term_no,
        time_band_code,
        bool_or(is_ambiguous) as is_ambiguous
    from runs
    group by local_on, offering_no, service_code, zone_no, usage_term_no, time_band_code, run_no
)

select * from final
