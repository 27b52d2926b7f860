-- every grant holds by itself; together they take off more than the rules of combining allow
{% set arithmetic -%}
concat(
    case f.category
        when 'EXCLUSIVE_COMBINED' then 'a discount that holds alone was combined'
        else 'the combined discounts exceed their ceiling'
    end,
    ': ', {{ cents_text('sum(f.fault_micros)') }}, ' off ', {{ cents_text('max(f.gross_micros)') }},
    ' beyond what ', {{ join_texts('f.discount_id') }}, ' allow together'
)
{%- endset %}
with

faults as (
    select * from {{ ref('int_billing__discount_faults') }}
    where control_id = 'RAT-10'
),

grants as (
    select * from {{ ref('int_billing__discount_grants') }}
),

found as (
    {{ discount_fault(arithmetic, is_by_charge=true) }}
),

final as (
    {{ findings('found', 'RAT-10', discount_fault_columns()) }}
)

select * from final
