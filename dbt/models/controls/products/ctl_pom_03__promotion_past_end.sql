-- a grant to somebody by name is BIL-07's; a promotion is for everybody, or for so many cycles
{% set arithmetic -%}
concat(
    'the promotion ended on ', coalesce(cast(max(f.granted_to_on) as string), 'no day'),
    coalesce(' after ' || cast(max(g.maximum_cycle_count) as string) || ' cycles', ''), '; it still took ',
    {{ cents_text('sum(f.granted_micros)') }}, ' off ', {{ discounted_text() }}, ', of which ',
    {{ cents_text('sum(f.fault_micros)') }}, ' beyond the register'
)
{%- endset %}
with

faults as (
    select * from {{ ref('int_billing__discount_faults') }}
    where control_id = 'POM-03'
),

grants as (
    select * from {{ ref('int_billing__discount_grants') }}
),

found as (
    {{ discount_fault(arithmetic) }}
),

final as (
    {{ findings('found', 'POM-03', discount_fault_columns()) }}
)

select * from final
