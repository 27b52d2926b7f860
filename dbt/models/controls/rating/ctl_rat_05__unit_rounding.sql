-- what billing charged is what its units give when they are rounded by another rule (int_usage__charge_trials)
{% set category -%}
case
    when d.trial_code = 'twice' then 'ROUND_TWICE'
    when d.trial_code in ('no_first_increment', 'no_minimum') then 'MINIMUM_MISSING'
    when
        d.trial_code = 'no_increments' and p.next_increment_milli < p.first_increment_milli
        and {{ to_milli('d.quantity') }} < p.first_increment_milli then 'MINIMUM_MISSING'
    else 'INCREMENT_WRONG'
end
{%- endset %}
with

differences as (
    select * from {{ ref('int_usage__difference_owners') }}
    where control_id = 'RAT-05'
),

prices as (
    select * from {{ ref('int_catalogue__prices') }}
),

found as (
    {{ rating_difference(category) }}
),

final as (
    {{ findings('found', 'RAT-05', rating_difference_columns()) }}
)

select * from final
