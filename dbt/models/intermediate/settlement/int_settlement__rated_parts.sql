-- a slice takes the part of the hour that lies in it; a retroactive price takes all at the price that the counter has
-- reached by the end of the month. Events and setup fees go with the part in which the hour begins.
with

traffic as (
    select * from {{ ref('int_settlement__counted_traffic') }}
),

parts as (
    select
        t.*,
        r.partner_rate_id,
        r.from_milli,
        case
            when t.tier_scheme = 'retroactive' then t.rated_milli
            else
                least(t.counted_before_milli + t.rated_milli, {{ no_end('r.next_from_milli') }})
                - greatest(t.counted_before_milli, r.from_milli)
        end as part_milli,
        case
            when t.tier_scheme = 'retroactive' then true
            else t.counted_before_milli >= r.from_milli and t.counted_before_milli < {{ no_end('r.next_from_milli') }}
        end as is_first_part
    from traffic as t
    inner join {{ ref('int_settlement__rates') }} as r on t.rate_set_no = r.rate_set_no
    where
        case
            when t.tier_scheme = 'retroactive'
                then t.reached_milli >= r.from_milli and t.reached_milli < {{ no_end('r.next_from_milli') }}
            else
                t.counted_before_milli < {{ no_end('r.next_from_milli') }}
                and (
                    t.counted_before_milli + t.rated_milli > r.from_milli
                    or t.counted_before_milli >= r.from_milli
                )
        end
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
        counter_period_no,
        rate_set_no,
        partner_rate_id,
        part_milli,
        case when is_first_part then event_count else 0 end as event_count,
        case when is_first_part then answered_count else 0 end as answered_count,
        case when is_first_part then quantity_milli else 0 end as quantity_milli
    from parts
)

select * from final
