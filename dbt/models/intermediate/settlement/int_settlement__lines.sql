-- our own statement, line by line, at the agreed prices and in what is paid
with

lines as (
    select
        partner_id, agreement_id, version_no, direction_code, 'usage' as line_type, service_code, band_code,
        partner_rate_id, event_on, event_count, quantity_milli, rated_milli, price_micros, unit_milli, line_micros
    from {{ ref('int_settlement__usage_lines') }}
    union all
    select
        partner_id, agreement_id, version_no, direction_code, 'true_up' as line_type, service_code,
        rate_band_code as band_code, partner_rate_id, cast(last_day(statement_month) as date) as event_on,
        0 as event_count, 0 as quantity_milli, 0 as rated_milli, price_micros, unit_milli, line_micros
    from {{ ref('int_settlement__retro_lines') }}
    union all
    select
        partner_id, agreement_id, version_no, direction_code, 'shortfall' as line_type, '' as service_code,
        '' as band_code, '' as partner_rate_id, last_on as event_on, 0 as event_count, 0 as quantity_milli,
        0 as rated_milli, null as price_micros, null as unit_milli, line_micros
    from {{ ref('int_settlement__shortfalls') }}
),

termed as (
    select
        l.*,
        {{ month_of('l.event_on') }} as statement_month,
        a.currency_code,
        a.settlement_currency_code,
        a.fx_rate_type,
        a.tax_ratio,
        case
            when a.fx_day_rule = 'event_day' then l.event_on
            else coalesce(t.fx_rate_on, cast(last_day(l.event_on) as date))
        end as fx_day_on
    from lines as l
    inner join {{ ref('int_settlement__agreements') }} as a
        on l.agreement_id = a.agreement_id and l.version_no = a.version_no
    left join {{ ref('int_settlement__statement_terms') }} as t
        on
            l.partner_id = t.partner_id
            and l.direction_code = t.direction_code
            and {{ month_of('l.event_on') }} = t.statement_month
    where {{ in_window('l.event_on') }}
),

rated as (
    select
        t.*,
        f.rate_on as fx_rate_on,
        case when t.currency_code = t.settlement_currency_code then 1000000000 else f.rate_billionths end
            as fx_billionths
    from termed as t
    left join {{ ref('int_settlement__fx_periods') }} as f
        on
            t.currency_code = f.from_currency_code
            and t.settlement_currency_code = f.to_currency_code
            and t.fx_rate_type = f.rate_type
            and t.fx_day_on >= f.rate_on
            and t.fx_day_on < f.until_on
),

converted as (
    select
        *,
        {{ in_billionths('line_micros', 'fx_billionths') }} as settled_micros
    from rated
),

final as (
    select
        partner_id,
        agreement_id,
        version_no,
        direction_code,
        line_type,
        service_code,
        band_code,
        partner_rate_id,
        event_on,
        statement_month,
        event_count,
        quantity_milli,
        rated_milli,
        price_micros,
        unit_milli,
        line_micros,
        currency_code,
        settlement_currency_code,
        fx_rate_on,
        fx_billionths,
        settled_micros,
        {{ in_billionths('settled_micros', to_billionths('tax_ratio')) }} as tax_micros
    from converted
)

select * from final
