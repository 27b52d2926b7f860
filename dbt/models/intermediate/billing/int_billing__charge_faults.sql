-- charges that are held although they have an amount, each with the first thing that is wrong with it
with

charges as (
    select * from {{ ref('int_billing__priced_charges') }}
),

accounts as (
    select * from {{ ref('stg_crm__accounts') }}
),

price_faults as (
    select
        c.charge_key, 1 as fault_no, f.reason_code, f.reason, f._source_file as source_file,
        cast(f._source_row as bigint) as source_row
    from charges as c
    inner join {{ ref('int_catalogue__price_faults') }} as f
        on
            c.product_offering_id = f.product_offering_id
            and c.charge_code = f.charge_code
            and c.line_type = f.charge_type
            and c.service_start_on < f.valid_to_on
            and c.service_end_on > f.valid_from_on
    where c.line_type <> 'usage' or c.price_rule_id = f.price_rule_id
),

mixed_currencies as (
    select
        c.charge_key, 2 as fault_no, 'CURRENCY_MIXED' as reason_code,
        concat(
            a._source_file, ':', cast(a._source_row as string), ': account ', c.account_id, ' is billed in ',
            a.currency_code, ' and price ', c.price_rule_id, ' is in ', c.price_currency_code,
            '; give the offer a price in ', a.currency_code
        ) as reason,
        a._source_file as source_file, cast(a._source_row as bigint) as source_row
    from charges as c
    inner join accounts as a on c.account_id = a.account_id
    where c.price_currency_code <> a.currency_code
),

tax_groups as (
    select distinct tax_group_code from {{ ref('stg_billing__tax_rates') }}
),

unknown_taxes as (
    select
        c.charge_key, 3 as fault_no, 'TAX_UNKNOWN' as reason_code,
        concat(
            p._source_file, ':', cast(p._source_row as string), ': tax group ', c.tax_group_code, ' of price ',
            p.price_rule_id, ' is in no row of tax_rates; add its tax'
        ) as reason,
        p._source_file as source_file, cast(p._source_row as bigint) as source_row
    from charges as c
    inner join {{ ref('int_catalogue__prices') }} as p on c.price_rule_id = p.price_rule_id
    left join tax_groups as t on c.tax_group_code = t.tax_group_code or t.tax_group_code = '*'
    where
        c.tax_group_code is not null
        and t.tax_group_code is null
        and exists (select 1 from tax_groups)
),

-- only an operator that issues its own invoices needs somewhere to send them
homeless as (
    select
        c.charge_key, 4 as fault_no, 'NO_ADDRESS' as reason_code,
        concat(
            a._source_file, ':', cast(a._source_row as string), ': account ', c.account_id, ' has no ',
            case
                when a.street_address is null then 'street_address'
                when a.postal_code is null then 'postal_code'
                when a.city_name is null then 'city_name'
                else 'country_code'
            end, '; complete its address'
        ) as reason,
        a._source_file as source_file, cast(a._source_row as bigint) as source_row
    from charges as c
    inner join accounts as a on c.account_id = a.account_id
    where
        coalesce(a.street_address, '') = '' or coalesce(a.postal_code, '') = '' or coalesce(a.city_name, '') = ''
        or coalesce(a.country_code, '') = ''
),

faults as (
    select * from price_faults
    union all
    select * from mixed_currencies
    union all
    select * from unknown_taxes
    union all
    select charge_key, 5 as fault_no, reason_code, reason, source_file, source_row
    from {{ ref('int_billing__allowance_faults') }}
    union all
    select h.* from homeless as h
    where exists (select 1 from {{ ref('stg_billing__legal_entities') }})
),

ranked as (
    select
        *,
        row_number() over (partition by charge_key order by fault_no, reason) as reason_rank
    from faults
),

final as (
    select
        charge_key,
        reason_code,
        reason,
        source_file,
        source_row
    from ranked
    where reason_rank = 1
)

select * from final
