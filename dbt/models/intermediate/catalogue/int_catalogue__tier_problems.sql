-- tiers of prices that leave a gap, or do not fit their price
with

prices as (
    select * from {{ ref('int_catalogue__prices') }}
),

tiers as (
    select
        t.*,
        p.charge_model,
        p.tier_basis,
        p.currency_code as price_currency_code,
        {{ from_milli('p.unit_milli') }} as price_unit_quantity,
        row_number() over (partition by t.price_rule_id, t.metric_code order by t.tier_no) as place_no,
        lag(t.upper_quantity) over (partition by t.price_rule_id, t.metric_code order by t.tier_no) as lower_quantity
    from prices as p
    inner join {{ ref('stg_billing__price_tiers') }} as t on p.price_rule_id = t.price_rule_id
),

tier_problems as (
    select
        price_rule_id,
        case
            when currency_code <> price_currency_code then 'TIER_CURRENCY'
            when charge_model = 'graduated_percentage' and rate_ratio is null then 'RATE_MISSING'
            when coalesce(unit_quantity, 1) <= 0 then 'UNIT_QUANTITY'
            when charge_model = 'graduated' and tier_basis = 'month' and unit_quantity <> price_unit_quantity
                then 'TIER_UNIT'
            when place_no <> tier_no then 'TIER_GAP'
            when place_no > 1 and (lower_quantity is null or upper_quantity <= lower_quantity) then 'TIER_GAP'
            when place_no = 1 and upper_quantity <= 0 then 'TIER_GAP'
        end as reason_code,
        case
            when currency_code <> price_currency_code
                then concat('is in ', currency_code, ', its price in ', price_currency_code, ': use one currency')
            when charge_model = 'graduated_percentage' and rate_ratio is null then 'has no rate_ratio: give the share'
            when coalesce(unit_quantity, 1) <= 0
                then concat('has unit_quantity ', cast(unit_quantity as string), ': it must be above 0')
            when charge_model = 'graduated' and tier_basis = 'month' and unit_quantity <> price_unit_quantity
                then
                    concat(
                        'buys ',
                        cast(unit_quantity as string),
                        ', its price ',
                        cast(price_unit_quantity as string),
                        ': use one unit'
                    )
            when place_no <> tier_no
                then concat('follows tier ', cast(place_no - 1 as string), ': number the tiers from 1 without a gap')
            when
                place_no > 1 and lower_quantity is null
                then 'follows a tier without upper bound: leave only the last one open'
            else concat(
                'ends at ', cast(upper_quantity as string), ', not above ',
                cast(coalesce(lower_quantity, 0) as string), ': raise its upper_quantity'
            )
        end as wrong,
        tier_no,
        _source_file,
        _source_row
    from tiers
),

final as (
    select
        price_rule_id,
        tier_no,
        reason_code,
        concat('price row ', price_rule_id, ', tier ', cast(tier_no as string), ' ', wrong) as reason,
        _source_file,
        _source_row
    from tier_problems
    where reason_code is not null
)

select * from final
