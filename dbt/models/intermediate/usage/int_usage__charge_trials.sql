-- billing's charge tried again at the approved price with what billing took from the allowance: as it should be,
-- and with the ways in which units are commonly rounded wrongly. What gives billing's charge shows the mistake
with

differences as (
    select
        event_on,
        rated_usage_id,
        expected_price_rule_id,
        charged_micros,
        {{ to_milli('quantity') }} as quantity_milli,
        {{ to_milli('coalesce(billed_allowance_quantity, 0)') }} as free_milli,
        cast(round((1 - coalesce(discount_ratio, 0)) * 1000000, 0) as integer) as kept_millionths
    from {{ ref('int_usage__rating_differences') }}
    where not is_unpriced and not is_free_account
),

prices as (
    select * from {{ ref('int_catalogue__prices') }}
    where charge_type = 'usage' and charge_model in ('flat', 'per_unit')
),

terms as (
    select
        d.*,
        case when p.charge_model = 'flat' then 0 else p.price_micros end as price_micros,
        p.unit_milli,
        p.first_increment_milli,
        p.next_increment_milli,
        p.connect_micros + case when p.charge_model = 'flat' then p.price_micros else 0 end as connect_micros,
        p.minimum_micros,
        p.maximum_micros,
        p.rounding_step_micros,
        p.increment_point
    from differences as d
    inner join prices as p on d.expected_price_rule_id = p.price_rule_id
),

trials as (
    {% set trials = {
        'approved': {},
        'no_increments': {'next_increment_milli': '0'},
        'no_first_increment': {'first_increment_milli': '0'},
        'no_minimum': {'minimum_micros': '0'},
        'twice': {'is_rounded_twice': 'true'},
        'decimal_units': {'unit_milli': decimal_unit('unit_milli'),
                          'first_increment_milli': decimal_unit('first_increment_milli'),
                          'next_increment_milli': decimal_unit('next_increment_milli')}
    } %}
    {% for trial_code, instead in trials.items() %}
    select
        '{{ trial_code }}' as trial_code,
        {{ loop.index }} as trial_no,
        event_on, rated_usage_id, charged_micros, quantity_milli, free_milli, kept_millionths,
        {% for column in ['price_micros', 'unit_milli', 'first_increment_milli', 'next_increment_milli',
                          'connect_micros', 'minimum_micros', 'maximum_micros', 'rounding_step_micros'] %}
        {{ instead.get(column, column) }} as {{ column }},
        {% endfor %}
        increment_point,
        {{ instead.get('is_rounded_twice', 'false') }} as is_rounded_twice
    from terms
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

replayed as (
    {{ replayed_charges('trials') }}
),

final as (
    select
        event_on,
        rated_usage_id,
        trial_code,
        trial_no,
        chargeable_milli,
        replayed_micros,
        row_number() over (partition by event_on, rated_usage_id order by trial_no) as match_no
    from replayed
    where replayed_micros = charged_micros
)

select * from final
