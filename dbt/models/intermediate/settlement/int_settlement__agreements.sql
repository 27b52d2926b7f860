-- agreements as settlement reads them: what is left empty is filled in here and nowhere else
with

agreements as (
    select * from {{ ref('stg_partners__partner_agreements') }}
),

-- a counter runs through the versions of an agreement
first_versions as (
    select
        agreement_id,
        min(valid_from_on) as first_on
    from agreements
    group by agreement_id
),

final as (
    select
        a.agreement_id,
        a.version_no,
        a.partner_id,
        a.direction_code,
        a.valid_from_on,
        {{ open_end('a.valid_to_on') }} as valid_to_on,
        a.currency_code,
        coalesce(a.settlement_currency_code, a.currency_code) as settlement_currency_code,
        coalesce(a.fx_rate_type, 'transaction') as fx_rate_type,
        coalesce(a.fx_day_rule, 'period_end') as fx_day_rule,
        coalesce(a.tax_ratio, 0) as tax_ratio,
        coalesce(a.tolerance_ratio, 0.01) as tolerance_ratio,
        coalesce({{ to_micros('a.tolerance_amount') }}, 0) as tolerance_micros,
        cast(coalesce(a.dispute_days, 30) as bigint) as dispute_days,
        coalesce(a.tier_scheme, 'slice') as tier_scheme,
        coalesce(a.counter_start_on, {{ month_of('f.first_on') }}) as counter_start_on,
        cast(coalesce(a.counter_months, 1) as bigint) as counter_months,
        coalesce({{ to_micros('a.commitment_amount') }}, 0) as commitment_micros,
        coalesce(a.is_send_or_pay, false) as is_send_or_pay,
        coalesce(a.rounding_scope, 'day') as rounding_scope,
        {{ power_of_ten('6 - coalesce(a.rounding_digits, 6)') }} as rounding_step_micros,
        a.netting_group,
        p.partner_name,
        p.partner_id is not null as is_partner_known,
        a._source_file,
        a._source_row,
        a._file_hash
    from agreements as a
    inner join first_versions as f on a.agreement_id = f.agreement_id
    left join {{ ref('stg_partners__partners') }} as p on a.partner_id = p.partner_id
)

select * from final
