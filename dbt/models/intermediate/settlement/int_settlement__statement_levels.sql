-- how far down a statement goes: what one of its lines leaves out, none is compared by
with

final as (
    select
        partner_id,
        direction_code,
        statement_month,
        min(case when service_code = '' then 0 else 1 end) = 1 as has_service,
        min(case when service_code = '' or band_code = '' then 0 else 1 end) = 1 as has_band,
        max(day(statement_on)) > 1 as has_day,
        max(day(statement_on)) > 1 and min(case when hour_no is null then 0 else 1 end) = 1 as has_hour,
        count(*) as line_count
    from {{ ref('int_settlement__declared_lines') }}
    where hold_code = 'none'
    group by partner_id, direction_code, statement_month
)

select * from final
