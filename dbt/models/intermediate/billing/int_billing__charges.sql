-- the charges that are billed: all that fall due but those that are held, and what earlier bills lacked
with

final as (
    select c.*
    from {{ ref('int_billing__priced_charges') }} as c
    left join {{ ref('int_billing__charge_faults') }} as f on c.charge_key = f.charge_key
    where f.charge_key is null
    union all
    select * from {{ ref('int_billing__late_charges') }}
)

select * from final
