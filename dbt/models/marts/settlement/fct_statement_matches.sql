-- both sides at every level that the statement reaches, from its total down to the hour
with

levelled as (
    {% for level, reached, columns in [
        ('total', "side <> 'measured_hour'", []),
        ('service', "side <> 'measured_hour' and has_service", ['service_code']),
        ('band', "side <> 'measured_hour' and has_band", ['service_code', 'band_code']),
        ('day', "side <> 'measured_hour' and has_day", ['service_code', 'band_code', 'event_on']),
        ('hour', "side <> 'measured_day' and has_hour", ['service_code', 'band_code', 'event_on', 'hour_no'])
    ] %}
    select
        partner_id, direction_code, statement_month, '{{ level }}' as level_code,
        {{ "coalesce(service_code, '')" if 'service_code' in columns else "''" }} as service_code,
        {{ "coalesce(band_code, '')" if 'band_code' in columns else "''" }} as band_code,
        cast({{ 'event_on' if 'event_on' in columns else 'statement_month' }} as date) as event_on,
        cast({{ 'hour_no' if 'hour_no' in columns else '-1' }} as bigint) as hour_no,
        declared_milli, measured_milli, declared_micros, measured_micros
    from {{ ref('int_settlement__statement_sides') }}
    where {{ reached }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

summed as (
    select
        partner_id,
        direction_code,
        statement_month,
        level_code,
        service_code,
        band_code,
        event_on,
        hour_no,
        cast(sum(declared_milli) as bigint) as declared_milli,
        cast(sum(measured_milli) as bigint) as measured_milli,
        cast(sum(declared_micros) as bigint) as declared_micros,
        cast(sum(measured_micros) as bigint) as measured_micros
    from levelled
    group by partner_id, direction_code, statement_month, level_code, service_code, band_code, event_on, hour_no
),

final as (
    select
        s.partner_id,
        s.direction_code,
        s.statement_month,
        s.level_code,
        s.service_code,
        s.band_code,
        s.event_on,
        case when s.level_code = 'hour' then s.hour_no end as hour_no,
        {{ from_milli('s.declared_milli') }} as declared_quantity,
        {{ from_milli('s.measured_milli') }} as measured_quantity,
        {{ from_micros('s.declared_micros') }} as declared_amount,
        case when s.level_code <> 'hour' then {{ from_micros('s.measured_micros') }} end as measured_amount,
        case
            when s.measured_milli = 0 and s.measured_micros = 0 then 'LEFT_ONLY'
            when s.declared_milli = 0 and s.declared_micros = 0 then 'RIGHT_ONLY'
            when
                s.declared_milli = s.measured_milli
                and (s.level_code = 'hour' or s.declared_micros = s.measured_micros) then 'MATCHED'
            else 'MATCHED_WITH_DIFF'
        end as match_type,
        t.settlement_currency_code as currency_code
    from summed as s
    inner join {{ ref('int_settlement__statement_terms') }} as t
        on
            s.partner_id = t.partner_id
            and s.direction_code = t.direction_code
            and s.statement_month = t.statement_month
)

select * from final
