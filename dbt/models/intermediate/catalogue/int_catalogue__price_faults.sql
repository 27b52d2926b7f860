-- price rows that cannot be applied without a guess: two for the same thing on a day, or one with a problem of its own
with

prices as (
    select * from {{ ref('int_catalogue__prices') }}
),

doubled as (
    select
        p.price_rule_id,
        'PRICE_OVERLAP' as reason_code,
        min(concat(
            'price ', p.price_rule_id, ' of offer ', p.product_offering_id, ' for ', p.charge_code, ' holds from ',
            cast(p.valid_from_on as string), ' beside price ', q.price_rule_id, ' of ',
            q._source_file, ':', cast(q._source_row as string), '; end one of them before the other begins'
        )) as reason
    from prices as p
    inner join prices as q
        on
            p.product_offering_id = q.product_offering_id
            and p.charge_type = q.charge_type
            and p.charge_code = q.charge_code
            and coalesce(p.service_code, '') = coalesce(q.service_code, '')
            and coalesce(p.zone_code, '') = coalesce(q.zone_code, '')
            and coalesce(p.time_band_code, '') = coalesce(q.time_band_code, '')
            and p.price_rule_id <> q.price_rule_id
            and p.valid_from_on < q.valid_to_on
            and p.valid_to_on > q.valid_from_on
    group by p.price_rule_id
),

faults as (
    select
        price_rule_id,
        reason_code,
        reason,
        cast(null as string) as fault_file,
        cast(null as bigint) as fault_row
    from doubled
    union all
    select
        price_rule_id,
        reason_code,
        concat(reason, '; then bill again') as reason,
        source_file as fault_file,
        source_row as fault_row
    from {{ ref('int_catalogue__price_problems') }}
    union all
    select
        price_rule_id,
        reason_code,
        concat(reason, '; then bill again') as reason,
        source_file as fault_file,
        source_row as fault_row
    from {{ ref('int_catalogue__call_problems') }}
),

final as (
    select
        p.price_rule_id,
        p.product_offering_id,
        p.charge_type,
        p.charge_code,
        p.service_code,
        p.valid_from_on,
        p.valid_to_on,
        min(f.reason_code) as reason_code,
        min(concat(
            coalesce(f.fault_file, p._source_file),
            ':',
            cast(coalesce(f.fault_row, p._source_row) as string),
            ': ',
            f.reason
        )) as reason,
        p._source_file,
        p._source_row
    from faults as f
    inner join prices as p on f.price_rule_id = p.price_rule_id
    group by
        p.price_rule_id, p.product_offering_id, p.charge_type, p.charge_code, p.service_code, p.valid_from_on,
        p.valid_to_on, p._source_file, p._source_row
)

select * from final
