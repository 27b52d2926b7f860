-- ended promotions are POM-03's, pairs that may not be combined are RAT-10's
{% set arithmetic -%}
concat(
    case f.category
        when 'NO_ENTITLEMENT' then 'no grant in the register fits'
        when 'EXPIRED' then 'the grant does not hold in this month'
        when 'NO_APPROVAL' then 'nobody approved the grant'
        else 'more than the grant allows'
    end,
    ': ',
    {{ cents_text('sum(f.granted_micros)') }},
    ' off ',
    {{ discounted_text() }},
    ', of which ',
    {{ cents_text('sum(f.fault_micros)') }}, ' beyond the register; valid ',
    coalesce(cast(max(g.valid_from_on) as string), 'never'),
    ' to ',
    coalesce(cast(max(f.granted_to_on) as string), 'never'),
    coalesce(', ' || cast(max(f.rate_ratio) as string) || ' of the charge', '')
)
{%- endset %}
with

faults as (
    select * from {{ ref('int_billing__discount_faults') }}
    where control_id = 'BIL-07'
),

grants as (
    select * from {{ ref('int_billing__discount_grants') }}
),

found as (
    {{ discount_fault(arithmetic) }}
),

final as (
    {{ findings('found', 'BIL-07', discount_fault_columns()) }}
)

select * from final
