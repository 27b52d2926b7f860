-- billing's charge tried again at the approved price with what billing took from the allowance: as it should be,
-- by billing's own price row, and with the ways in which units are commonly rounded wrongly. What gives billing's
-- charge shows the mistake
with

differences as (
    select
        event_on,
        rated_usage_id,
        expected_price_rule_id,
        billed_price_rule_id,
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

configured_terms as (
    select
        d.*,
        case when p.charge_model = 'flat' then 0 else {{ to_micros('p.price_amount') }} end as price_micros,
        {{ to_milli('coalesce(p.unit_quantity, 1)') }} as unit_milli,
        {{ to_milli('coalesce(p.first_increment_quantity, 0)') }} as first_increment_milli,
        {{ to_milli('coalesce(p.next_increment_quantity, p.first_increment_quantity, 0)') }} as next_increment_milli,
        {{ to_micros('coalesce(p.connect_amount, 0)') }}
        + case when p.charge_model = 'flat' then {{ to_micros('p.price_amount') }} else 0 end as connect_micros,
        {{ to_micros('coalesce(p.minimum_amount, 0)') }} as minimum_micros,
        {{ to_micros('p.maximum_amount') }} as maximum_micros,
        {{ power_of_ten('6 - coalesce(p.rounding_decimals, 6)') }} as rounding_step_micros,
        coalesce(p.increment_point, 'before_allowance') as increment_point
    from differences as d
    inner join {{ ref('stg_billing__price_rules') }} as p on d.billed_price_rule_id = p.price_rule_id
    where p.charge_type = 'usage' and p.charge_model in ('flat', 'per_unit')
),

trials as (
    {% set trials = {
        'approved': {},
        'configured': {},
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
    from {{ 'configured_terms' if trial_code == 'configured' else 'terms' }}
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
