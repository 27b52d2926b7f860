-- what stays open beyond the tolerance, and what another clock moves into the month or out of it
with

parts as (
    select
        *,
        volume_micros + price_micros + mix_micros + fx_micros + tax_micros as open_micros,
        greatest(tolerance_micros, {{ in_billionths('abs(measured_micros)', to_billionths('tolerance_ratio')) }})
            as tolerated_micros,
        sum(declared_milli) over one_service as service_declared_milli,
        sum(measured_milli) over one_service as service_measured_milli
    from {{ ref('int_settlement__difference_parts') }}
    window one_service as (partition by partner_id, direction_code, statement_month, service_code)
),

-- a service whose quantity agrees in all only has it in other bands
judged as (
    select
        *,
        abs(open_micros) > tolerated_micros as is_open,
        abs(timing_micros) > tolerated_micros as is_shifted,
        abs(price_micros + fx_micros + tax_micros) >= abs(volume_micros + mix_micros) as is_price,
        abs(service_declared_milli - service_measured_milli) * 1000 <= service_measured_milli as is_same_volume
    from parts
),

declared_lines as (
    select
        *,
        row_number() over (
            partition by partner_id, direction_code, statement_month, service_code, band_code
            order by _source_file, _source_row
        ) as place
    from {{ ref('int_settlement__declared_lines') }}
),

final as (
    select
        case
            when not j.is_open then 'PERIOD_SHIFT'
            when j.is_price then 'RATE_DIFF'
            when j.is_same_volume then 'BAND_DIFF'
            when j.open_micros < 0 then 'DECLARED_LOW'
            else 'DECLARED_HIGH'
        end as category,
        j.partner_id,
        j.direction_code,
        j.statement_month,
        j.service_code,
        j.band_code,
        j.declared_micros + j.declared_tax_micros as declared_micros,
        j.measured_micros + j.measured_tax_micros as measured_micros,
        case when j.is_open then j.open_micros else j.timing_micros end as fault_micros,
        concat(
            'volume ', {{ amount_text('j.volume_micros') }}, ', price ', {{ amount_text('j.price_micros') }},
            ', mix ', {{ amount_text('j.mix_micros') }}, ', timing ', {{ amount_text('j.timing_micros') }},
            ', exchange ', {{ amount_text('j.fx_micros') }}, ', rounding ', {{ amount_text('j.rounding_micros') }},
            ', tax ', {{ amount_text('j.tax_micros') }}, '; tolerated ', {{ amount_text('j.tolerated_micros') }}
        ) as arithmetic,
        j.settlement_currency_code as currency_code,
        d.statement_id,
        d.line_no,
        d._source_file,
        d._source_row,
        d._file_hash
    from judged as j
    left join declared_lines as d
        on
            j.partner_id = d.partner_id
            and j.direction_code = d.direction_code
            and j.statement_month = d.statement_month
            and j.service_code = d.service_code
            and j.band_code = d.band_code
            and d.place = 1
    where j.is_open or j.is_shifted
)

select * from final
