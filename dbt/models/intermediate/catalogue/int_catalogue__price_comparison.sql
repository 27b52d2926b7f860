-- the signed price book row by row against the price list of billing. Rows of one id belong together; rows whose ids
-- are of two systems are paired in order of time among those that price the same thing
with

approved as (
    select {{ price_columns() }}, {{ priced_thing() }} as priced_thing
    from {{ ref('stg_crm__approved_prices') }}
    where exists (select 1 from {{ ref('stg_billing__price_rules') }})
),

configured as (
    select {{ price_columns() }}, {{ priced_thing() }} as priced_thing
    from {{ ref('stg_billing__price_rules') }}
    where exists (select 1 from {{ ref('stg_crm__approved_prices') }})
),

approved_rest as (
    select
        a.price_rule_id,
        a.priced_thing,
        row_number() over (partition by a.priced_thing order by a.valid_from_on, a.price_rule_id) as version_no
    from approved as a
    where not exists (
        select 1 from configured as c
        where c.price_rule_id = a.price_rule_id
    )
),

configured_rest as (
    select
        c.price_rule_id,
        c.priced_thing,
        row_number() over (partition by c.priced_thing order by c.valid_from_on, c.price_rule_id) as version_no
    from configured as c
    where not exists (
        select 1 from approved as a
        where a.price_rule_id = c.price_rule_id
    )
),

pairs as (
    select
        a.price_rule_id as approved_id,
        c.price_rule_id as configured_id
    from approved as a
    inner join configured as c on a.price_rule_id = c.price_rule_id
    union all
    select
        a.price_rule_id as approved_id,
        c.price_rule_id as configured_id
    from approved_rest as a
    full outer join configured_rest as c on a.priced_thing = c.priced_thing and a.version_no = c.version_no
),

tiers as (
    select
        price_rule_id,
        {{ join_texts(
            "concat(cast(tier_no as string), ':', coalesce(cast(upper_quantity as string), ''), ':', "
            ~ "cast(price_amount as string), ':', coalesce(cast(flat_amount as string), ''))"
        ) }} as tier_text
    from {{ ref('stg_billing__price_tiers') }}
    group by price_rule_id
),

final as (
    select
        coalesce(p.approved_id, p.configured_id) as price_key,
        p.approved_id as approved_price_rule_id,
        p.configured_id as configured_price_rule_id,
        coalesce(a.priced_thing, c.priced_thing) as priced_thing,
        coalesce(a.charge_type, c.charge_type) as charge_type,
        coalesce(a.currency_code, c.currency_code) as currency_code,
        case
            when c.price_rule_id is null then 'ROW_MISSING_IN_RATING'
            when a.price_rule_id is null then 'ROW_NOT_APPROVED'
            when {{ any_differs(compared_columns('RATE_DIFF')) }} then 'RATE_DIFF'
            when p.approved_id <> p.configured_id and coalesce(x.tier_text, '') <> coalesce(y.tier_text, '')
                then 'RATE_DIFF'
            when {{ any_differs(compared_columns('ROUNDING_DIFF')) }} then 'ROUNDING_DIFF'
            when {{ any_differs(compared_columns('VALIDITY_DIFF')) }} then 'VALIDITY_DIFF'
        end as category,
        case when a.price_rule_id is not null and c.price_rule_id is not null then concat(
            {% for column in compared_columns('all') %}
            case
                when coalesce(cast(a.{{ column }} as string), '') <> coalesce(cast(c.{{ column }} as string), '')
                    then concat(
                        '{{ column }} ', coalesce(cast(a.{{ column }} as string), 'empty'), ' approved, ',
                        coalesce(cast(c.{{ column }} as string), 'empty'), ' configured; '
                    )
                else ''
            end{% if not loop.last %},{% endif %}
            {% endfor %}
        ) end as difference_text,
        a.valid_from_on as approved_from_on,
        {{ open_end('a.valid_to_on') }} as approved_to_on,
        c.valid_from_on as configured_from_on,
        {{ open_end('c.valid_to_on') }} as configured_to_on,
        a._source_file as left_source_file,
        a._source_row as left_source_row,
        a._file_hash as left_file_hash,
        c._source_file as right_source_file,
        c._source_row as right_source_row,
        c._file_hash as right_file_hash
    from pairs as p
    left join approved as a on p.approved_id = a.price_rule_id
    left join configured as c on p.configured_id = c.price_rule_id
    left join tiers as x on p.approved_id = x.price_rule_id
    left join tiers as y on p.configured_id = y.price_rule_id
)

select * from final
