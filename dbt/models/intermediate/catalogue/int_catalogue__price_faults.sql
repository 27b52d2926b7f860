-- price rows that cannot be applied without a guess: two for the same thing on the same day, or tiers with holes
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

tiers as (
    select
        price_rule_id,
        tier_no,
        upper_quantity,
        lag(tier_no) over (partition by price_rule_id order by tier_no) as tier_no_before,
        lag(upper_quantity) over (partition by price_rule_id order by tier_no) as upper_before,
        _source_file,
        _source_row
    from {{ ref('stg_billing__price_tiers') }}
),

holes as (
    select
        p.price_rule_id,
        'TIER_GAP' as reason_code,
        min(concat(
            'tier ', cast(t.tier_no as string), ' of price ', t.price_rule_id, ' (', t._source_file, ':',
            cast(t._source_row as string), ') ends at ', coalesce(cast(t.upper_quantity as string), 'no quantity'),
            ' after tier ', coalesce(cast(t.tier_no_before as string), '0'), ' up to ',
            coalesce(cast(t.upper_before as string), '0'), '; number the tiers from 1 and let each end above the one before'
        )) as reason
    from prices as p
    inner join tiers as t on p.price_rule_id = t.price_rule_id
    where
        t.tier_no <> coalesce(t.tier_no_before, 0) + 1
        or t.upper_quantity <= coalesce(t.upper_before, 0)
        or (t.tier_no_before is not null and t.upper_before is null)
    group by p.price_rule_id
),

untiered as (
    select
        p.price_rule_id,
        'TIER_GAP' as reason_code,
        concat('price ', p.price_rule_id, ' is ', p.charge_model, ' and has no tiers; add them to price_tiers') as reason
    from prices as p
    left join (select distinct price_rule_id from tiers) as t on p.price_rule_id = t.price_rule_id
    where p.charge_model in ('graduated', 'volume', 'blocks', 'graduated_percentage') and t.price_rule_id is null
),

faults as (
    select * from doubled
    union all
    select * from holes
    union all
    select * from untiered
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
        min(concat(p._source_file, ':', cast(p._source_row as string), ': ', f.reason)) as reason,
        p._source_file,
        p._source_row
    from faults as f
    inner join prices as p on f.price_rule_id = p.price_rule_id
    group by
        p.price_rule_id, p.product_offering_id, p.charge_type, p.charge_code, p.service_code, p.valid_from_on,
        p.valid_to_on, p._source_file, p._source_row
)

select * from final
