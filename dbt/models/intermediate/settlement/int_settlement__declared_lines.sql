-- what partners declare, in what is paid; a line that cannot be compared says why
with

lines as (
    select
        s.*,
        {{ month_of('s.statement_on') }} as statement_month
    from {{ ref('stg_partners__partner_statements') }} as s
    where {{ in_window('s.statement_on') }}
),

termed as (
    select
        l.*,
        t.agreement_id,
        t.currency_code as price_currency_code,
        t.settlement_currency_code,
        t.tax_ratio,
        t.fx_rate_type,
        case when t.fx_day_rule = 'event_day' then l.statement_on else t.fx_rate_on end as fx_day_on,
        p.partner_id is not null as is_partner_known
    from lines as l
    left join {{ ref('stg_partners__partners') }} as p on l.partner_id = p.partner_id
    left join {{ ref('int_settlement__statement_terms') }} as t
        on
            l.partner_id = t.partner_id
            and l.direction_code = t.direction_code
            and l.statement_month = t.statement_month
),

rated as (
    select
        t.*,
        case when t.price_currency_code = t.settlement_currency_code then 1000000000 else f.rate_billionths end
            as agreed_fx_billionths
    from termed as t
    left join {{ ref('int_settlement__fx_periods') }} as f
        on
            t.price_currency_code = f.from_currency_code
            and t.settlement_currency_code = f.to_currency_code
            and t.fx_rate_type = f.rate_type
            and t.fx_day_on >= f.rate_on
            and t.fx_day_on < f.until_on
),

measured as (
    select
        *,
        case
            when not is_partner_known then 'PARTNER_UNKNOWN'
            when agreement_id is null then 'AGREEMENT_MISSING'
            when currency_code <> settlement_currency_code then 'CURRENCY_UNEXPECTED'
            when agreed_fx_billionths is null then 'FX_RATE_MISSING'
            else 'none'
        end as hold_code,
        {{ to_micros('statement_amount') }} as declared_micros,
        {{ to_milli('quantity') }} as declared_milli,
        {{ to_micros('unit_price_amount') }} as unit_price_micros,
        coalesce({{ to_milli('unit_quantity') }}, 1000) as price_unit_milli,
        coalesce({{ to_billionths('fx_rate') }}, agreed_fx_billionths) as declared_fx_billionths
    from rated
),

final as (
    select
        statement_id,
        line_no,
        partner_id,
        direction_code,
        coalesce(service_code, '') as service_code,
        coalesce(band_code, '') as band_code,
        statement_month,
        statement_on,
        hour_no,
        hold_code,
        settlement_currency_code,
        currency_code,
        cast(coalesce(event_count, 0) as bigint) as event_count,
        declared_milli,
        declared_micros,
        unit_price_micros,
        price_unit_milli,
        agreed_fx_billionths,
        declared_fx_billionths,
        coalesce({{ to_micros('tax_amount') }}, {{ in_billionths('declared_micros', to_billionths('tax_ratio')) }})
            as tax_micros,
        _source_file,
        _source_row,
        _file_hash
    from measured
)

select * from final
