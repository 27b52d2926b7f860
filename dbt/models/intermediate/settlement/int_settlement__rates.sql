-- a price from a quantity on, for the days on which both it and its version of the agreement hold
with

rates as (
    select
        r.partner_rate_id,
        a.agreement_id,
        a.version_no,
        a.partner_id,
        a.direction_code,
        r.service_code,
        coalesce(r.band_code, '') as rate_band_code,
        greatest(r.valid_from_on, a.valid_from_on) as valid_from_on,
        least({{ open_end('r.valid_to_on') }}, a.valid_to_on) as valid_to_on,
        coalesce({{ to_milli('r.from_quantity') }}, 0) as from_milli,
        {{ to_micros('r.price_amount') }} as price_micros,
        {{ to_milli('r.unit_quantity') }} as unit_milli,
        coalesce({{ to_milli('r.first_increment_quantity') }}, {{ to_milli('r.next_increment_quantity') }}, 0)
            as first_increment_milli,
        coalesce({{ to_milli('r.next_increment_quantity') }}, {{ to_milli('r.first_increment_quantity') }}, 0)
            as next_increment_milli,
        coalesce({{ to_micros('r.setup_amount') }}, 0) as setup_micros,
        r._source_file,
        r._source_row,
        r._file_hash
    from {{ ref('stg_partners__partner_rates') }} as r
    inner join {{ ref('int_settlement__agreements') }} as a
        on r.agreement_id = a.agreement_id and r.version_no = a.version_no
    where r.partner_rate_id not in (select f.partner_rate_id from {{ ref('int_settlement__rate_faults') }} as f)
),

final as (
    select
        partner_rate_id,
        dense_rank() over (
            order by agreement_id, version_no, service_code, rate_band_code, valid_from_on, valid_to_on
        ) as rate_set_no,
        agreement_id,
        version_no,
        partner_id,
        direction_code,
        service_code,
        rate_band_code,
        valid_from_on,
        valid_to_on,
        from_milli,
        lead(from_milli) over (
            partition by agreement_id, version_no, service_code, rate_band_code, valid_from_on, valid_to_on
            order by from_milli, partner_rate_id
        ) as next_from_milli,
        price_micros,
        unit_milli,
        first_increment_milli,
        next_increment_milli,
        setup_micros,
        _source_file,
        _source_row,
        _file_hash
    from rates
    where valid_from_on < valid_to_on
)

select * from final
