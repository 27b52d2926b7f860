-- declared less measured, in parts that add up to it; see docs/decisions/0034-parts-of-a-difference.md
with

cells as (
    select
        c.*,
        coalesce(s.shift_milli, 0) as shift_milli,
        coalesce(s.shift_hours, 0) as shift_hours,
        t.settlement_currency_code,
        t.tolerance_ratio,
        t.tolerance_micros,
        {{ integer_divide(
            minor_step('t.settlement_currency_code')
            ~ ' * greatest(c.declared_event_count, c.measured_event_count, c.declared_line_count)',
            '2'
        ) }} as rounding_room_micros,
        {{ integer_divide(minor_step('t.settlement_currency_code') ~ ' * c.declared_line_count', '2') }}
            as line_room_micros
    from {{ ref('int_settlement__statement_cells') }} as c
    inner join {{ ref('int_settlement__statement_terms') }} as t
        on
            c.partner_id = t.partner_id
            and c.direction_code = t.direction_code
            and c.statement_month = t.statement_month
    left join {{ ref('int_settlement__shifts') }} as s
        on
            c.partner_id = s.partner_id
            and c.direction_code = s.direction_code
            and c.statement_month = s.statement_month
            and c.service_code = s.service_code
            and c.band_code = s.band_code
),

-- both sides at the mean of the two rates of exchange, what they round taken out
levelled as (
    select
        *,
        {{ at_mean_rate('declared_micros', 'declared_priced_micros', 'measured_micros', 'measured_priced_micros') }}
            as declared_mean_micros,
        {{ at_mean_rate('measured_micros', 'measured_priced_micros', 'declared_micros', 'declared_priced_micros') }}
            as measured_mean_micros,
        case
            when
                declared_milli = measured_milli and unpriced_line_count > 0
                and abs(declared_micros - measured_micros) <= line_room_micros
                then declared_micros - measured_micros
            else
                {{ within('declared_residual_micros', 'rounding_room_micros') }}
                - {{ within('measured_residual_micros', 'rounding_room_micros') }}
        end as rounding_micros
    from cells
),

-- the rounding stands on the declared side alone: only the difference counts
priced as (
    select
        *,
        declared_micros - measured_micros - (declared_mean_micros - measured_mean_micros) as fx_micros,
        2 * declared_mean_micros - rounding_micros as declared_twice_micros,
        2 * measured_mean_micros + rounding_micros as measured_twice_micros
    from levelled
),

services as (
    select
        *,
        sum({{ wide_integer('declared_twice_micros') }}) over one_service as service_declared_twice_micros,
        sum({{ wide_integer('measured_twice_micros') }}) over one_service as service_measured_twice_micros,
        sum({{ wide_integer('declared_milli') }}) over one_service as service_declared_milli,
        sum({{ wide_integer('measured_milli') }}) over one_service as service_measured_milli
    from priced
    window one_service as (partition by partner_id, direction_code, statement_month, service_code)
),

valued as (
    select
        *,
        {{ at_mean_price('shift_milli', '') }} as timing_micros,
        {{ at_mean_price('(declared_milli - measured_milli - shift_milli)', '') }} as band_volume_micros,
        {{ at_mean_price('(declared_milli - measured_milli - shift_milli)', 'service_') }} as volume_micros
    from services
),

final as (
    select
        partner_id,
        direction_code,
        statement_month,
        service_code,
        band_code,
        shift_hours,
        declared_milli,
        measured_milli,
        declared_micros,
        measured_micros,
        declared_tax_micros,
        measured_tax_micros,
        volume_micros,
        declared_micros - measured_micros - fx_micros - rounding_micros - timing_micros - band_volume_micros
            as price_micros,
        band_volume_micros - volume_micros as mix_micros,
        timing_micros,
        fx_micros,
        rounding_micros,
        declared_tax_micros - measured_tax_micros as tax_micros,
        settlement_currency_code,
        tolerance_ratio,
        tolerance_micros
    from valued
)

select * from final
