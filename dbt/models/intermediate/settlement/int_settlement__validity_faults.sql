-- two prices of one thing on one day, and days between two prices: both rows are named
with

rates as (
    select * from {{ ref('int_settlement__rates') }}
    where from_milli = 0
),

ordered as (
    select
        *,
        lag(partner_rate_id) over by_time as before_rate_id,
        lag(_source_file) over by_time as before_source_file,
        lag(_source_row) over by_time as before_source_row,
        max(valid_to_on) over (
            partition by partner_id, direction_code, service_code, rate_band_code
            order by valid_from_on, partner_rate_id
            rows between unbounded preceding and 1 preceding
        ) as covered_to_on
    from rates
    window by_time as (
        partition by partner_id, direction_code, service_code, rate_band_code order by valid_from_on, partner_rate_id
    )
),

faults as (
    select
        *,
        case when valid_from_on < covered_to_on then valid_from_on else covered_to_on end as fault_from_on,
        case when valid_from_on < covered_to_on then least(covered_to_on, valid_to_on) else valid_from_on end
            as fault_to_on
    from ordered
    where valid_from_on <> covered_to_on
),

final as (
    select
        case when valid_from_on < covered_to_on then 'OVERLAP' else 'GAP' end as fault_code,
        partner_id,
        direction_code,
        service_code,
        rate_band_code,
        agreement_id,
        before_rate_id,
        partner_rate_id,
        fault_from_on as from_on,
        fault_to_on as to_on,
        concat(
            'rates ', before_rate_id, ' (', before_source_file, ' line ', cast(before_source_row as string), ') and ',
            partner_rate_id, ' (', _source_file, ' line ', cast(_source_row as string), ') ',
            case when valid_from_on < covered_to_on then 'both hold from ' else 'leave a gap from ' end,
            cast(fault_from_on as string), ' to ', cast(fault_to_on as string),
            '; end the first where the second begins'
        ) as reason,
        _source_file,
        _source_row,
        _file_hash
    from faults
)

select * from final
