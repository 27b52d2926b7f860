-- days on which no price or two prices of one thing are in force, in the list of billing (or the only list there is)
with

price_rows as (
    select {{ price_columns() }}, {{ priced_thing() }} as priced_thing
    from {{ ref('stg_billing__price_rules') }}
    union all
    select {{ price_columns() }}, {{ priced_thing() }} as priced_thing
    from {{ ref('stg_crm__approved_prices') }}
    where not exists (select 1 from {{ ref('stg_billing__price_rules') }})
),

ordered as (
    select
        r.*,
        {{ open_end('r.valid_to_on') }} as until_on,
        lag(r.price_rule_id) over by_time as before_id,
        max({{ open_end('r.valid_to_on') }}) over (
            partition by r.priced_thing order by r.valid_from_on, r.price_rule_id
            rows between unbounded preceding and 1 preceding
        ) as covered_to_on
    from price_rows as r
    window by_time as (partition by r.priced_thing order by r.valid_from_on, r.price_rule_id)
),

faults as (
    select
        case when o.valid_from_on > o.covered_to_on then 'GAP' else 'OVERLAP' end as category,
        concat(o.before_id, '|', o.price_rule_id) as value_key,
        o.before_id,
        o.price_rule_id as after_id,
        least(o.covered_to_on, o.valid_from_on) as from_on,
        case when o.valid_from_on > o.covered_to_on then o.valid_from_on else least(o.covered_to_on, o.until_on) end
            as to_on,
        o.*
    from ordered as o
    where o.valid_from_on <> o.covered_to_on
    union all
    select
        'OPEN_END_ON_RETIRED' as category,
        r.price_rule_id as value_key,
        r.price_rule_id as before_id,
        cast(null as string) as after_id,
        o.valid_to_on as from_on,
        r.until_on as to_on,
        r.*
    from ordered as r
    inner join {{ ref('stg_crm__product_offerings') }} as o on r.product_offering_id = o.product_offering_id
    where o.valid_to_on < {{ window_to() }} and r.valid_to_on is null
),

final as (
    select
        category,
        value_key,
        before_id,
        after_id,
        case when category = 'OVERLAP' then valid_from_on else from_on end as from_on,
        to_on,
        priced_thing,
        currency_code,
        _source_file,
        _source_row,
        _file_hash
    from faults
)

select * from final
