-- whether a statement by days is ours by another clock: the shift of whole hours after which its days fit ten times
-- better
with

days as (
    select * from {{ ref('int_settlement__shift_days') }}
),

misfits as (
    select
        partner_id,
        direction_code,
        statement_month,
        shift_hours,
        sum(abs(declared_milli - rated_milli)) as misfit_milli
    from days
    group by partner_id, direction_code, statement_month, shift_hours
),

ranked as (
    select
        *,
        max(case when shift_hours = 0 then misfit_milli end) over (
            partition by partner_id, direction_code, statement_month
        ) as unshifted_misfit_milli,
        row_number() over (
            partition by partner_id, direction_code, statement_month
            order by misfit_milli, abs(shift_hours), shift_hours
        ) as place
    from misfits
),

best as (
    select * from ranked
    where place = 1 and shift_hours <> 0 and misfit_milli * 10 <= unshifted_misfit_milli
),

final as (
    select
        d.partner_id,
        d.direction_code,
        d.statement_month,
        d.service_code,
        d.band_code,
        b.shift_hours,
        cast(sum(case when d.shift_hours = 0 then -d.rated_milli else d.rated_milli end) as bigint) as shift_milli
    from days as d
    inner join best as b
        on
            d.partner_id = b.partner_id
            and d.direction_code = b.direction_code
            and d.statement_month = b.statement_month
            and d.shift_hours in (0, b.shift_hours)
    group by d.partner_id, d.direction_code, d.statement_month, d.service_code, d.band_code, b.shift_hours
)

select * from final
