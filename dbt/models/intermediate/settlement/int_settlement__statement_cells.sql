-- both sides of the statement of a month at the level down to which the partner declares
with

levels as (
    select * from {{ ref('int_settlement__statement_levels') }}
),

measured as (
    select
        l.partner_id,
        l.direction_code,
        l.statement_month,
        case when v.has_service then l.service_code else '' end as service_code,
        case when v.has_band then l.band_code else '' end as band_code,
        l.rated_milli as measured_milli,
        l.event_count as measured_event_count,
        l.settled_micros as measured_micros,
        l.line_micros as measured_priced_micros,
        l.tax_micros as measured_tax_micros,
        case
            when l.line_type <> 'usage' or l.fx_billionths <> 1000000000 then 0
            else l.line_micros - {{ ratio_micros('l.rated_milli', 'l.price_micros', 'l.unit_milli', '1') }}
        end as measured_residual_micros,
        0 as declared_milli,
        0 as declared_event_count,
        0 as declared_micros,
        0 as declared_priced_micros,
        0 as declared_tax_micros,
        0 as declared_residual_micros,
        0 as unpriced_line_count,
        0 as declared_line_count
    from {{ ref('int_settlement__lines') }} as l
    inner join levels as v
        on
            l.partner_id = v.partner_id
            and l.direction_code = v.direction_code
            and l.statement_month = v.statement_month
    where l.settled_micros is not null
),

declared as (
    select
        d.partner_id,
        d.direction_code,
        d.statement_month,
        case when v.has_service then d.service_code else '' end as service_code,
        case when v.has_band then d.band_code else '' end as band_code,
        0 as measured_milli,
        0 as measured_event_count,
        0 as measured_micros,
        0 as measured_priced_micros,
        0 as measured_tax_micros,
        0 as measured_residual_micros,
        d.declared_milli,
        d.event_count as declared_event_count,
        d.declared_micros,
        cast({{ nearest(wide_integer('d.declared_micros') ~ ' * 1000000000', 'd.declared_fx_billionths') }} as bigint)
            as declared_priced_micros,
        d.tax_micros as declared_tax_micros,
        case
            when d.unit_price_micros is null or d.declared_fx_billionths <> 1000000000 then 0
            else d.declared_micros - cast({{ nearest(
                wide_integer('d.declared_milli') ~ ' * d.unit_price_micros', 'd.price_unit_milli'
            ) }} as bigint)
        end as declared_residual_micros,
        case when d.unit_price_micros is null then 1 else 0 end as unpriced_line_count,
        1 as declared_line_count
    from {{ ref('int_settlement__declared_lines') }} as d
    inner join levels as v
        on
            d.partner_id = v.partner_id
            and d.direction_code = v.direction_code
            and d.statement_month = v.statement_month
    where d.hold_code = 'none'
),

sides as (
    select * from measured
    union all
    select * from declared
),

final as (
    select
        partner_id,
        direction_code,
        statement_month,
        service_code,
        band_code,
        {% for column in [
            'measured_milli', 'measured_event_count', 'measured_micros', 'measured_priced_micros',
            'measured_tax_micros', 'measured_residual_micros', 'declared_milli', 'declared_event_count',
            'declared_micros', 'declared_priced_micros', 'declared_tax_micros', 'declared_residual_micros',
            'unpriced_line_count', 'declared_line_count'
        ] -%}
        cast(sum({{ column }}) as bigint) as {{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from sides
    group by partner_id, direction_code, statement_month, service_code, band_code
)

select * from final
