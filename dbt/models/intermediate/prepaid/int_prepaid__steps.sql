-- balances after every item; a rejected event takes nothing, so each step needs the one before it
{{ with_recursive('walked') }} (
    select
        subscription_no,
        0 as item_no,
        {% for slot in balance_slots() %}cast(0 as bigint) as units_{{ slot }},
        cast(0 as bigint) as taken_{{ slot }},
        {% endfor %}
        cast(0 as bigint) as money_micros,
        cast(null as bigint) as charged_milli,
        cast(null as bigint) as cost_micros,
        false as is_rejected
    from {{ ref('int_prepaid__balances') }}
    where slot_no = 0
    union all
    select
        subscription_no,
        item_no,
        {% for slot in balance_slots() %}
        cast({{ balance_after(slot, 'units_' ~ slot, 'taken_' ~ slot) }} as bigint) as units_{{ slot }},
        cast(case when is_rejected then 0 else taken_{{ slot }} end as bigint) as taken_{{ slot }},
        {% endfor %}
        cast({{ balance_after(0, 'money_micros', 'cost_micros') }} as bigint) as money_micros,
        cast(charged_milli as bigint) as charged_milli,
        cast(cost_micros as bigint) as cost_micros,
        is_rejected
    from (
        select
            *,
            item_type = 'event' and coalesce(
                cost_micros > 0 and cost_micros > money_micros and not is_negative_allowed, true
            ) as is_rejected
        from (
            select
                t.*,
                {% set rest = 't.rest_' ~ (balance_slots() | last) ~ '_milli' -%}
                case
                    when {{ rest }} = 0 then 0
                    when {{ rest }} = t.quantity_milli and t.whole_micros is not null then t.whole_milli
                    else {{ round_up_to_increments(rest) }}
                end as charged_milli,
                case
                    when t.quantity_milli = 0 then 0
                    when {{ rest }} = 0 then coalesce(t.connect_micros, 0)
                    when {{ rest }} = t.quantity_milli and t.whole_micros is not null
                        then
                            least(
                                greatest(t.whole_micros, t.minimum_micros),
                                coalesce(t.maximum_micros, 999999999999999999)
                            )
                    else least(greatest({{ ratio_micros(
                        '(' ~ round_up_to_increments(rest) ~ ')', 't.price_micros', 't.unit_milli', 't.rounding_step_micros'
                    ) }} + t.connect_micros, t.minimum_micros), coalesce(t.maximum_micros, 999999999999999999))
                end as cost_micros
            from (
                {{ taken_units('walked', ref('int_prepaid__items')) }}
            ) as t
        ) as priced
    ) as decided
),

final as (
    select * from walked
    where item_no > 0
)

select * from final
