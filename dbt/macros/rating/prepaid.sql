{# Prepaid usage is debited in event order: what an event may take depends on all events before it, for a
   rejected one takes nothing. The walk goes one item of every subscription at a time. #}

{# Unit balances that one subscription may have; usage of one with more is held (int_prepaid__balance_faults). #}
{% macro balance_slots() %}{{ return([1, 2, 3, 4]) }}{% endmacro %}

{# The next item of each subscription with what the unit balances give: taken_1.. and rest_milli. #}
{% macro taken_units(walked, items) %}
{%- for slot in balance_slots() | reverse %}
select
    *,
    greatest(0, rest_{{ slot - 1 }}_milli - taken_{{ slot }}) as rest_{{ slot }}_milli
from (
    select
        *,
        case
            when not coalesce(pays_{{ slot }}, false) then 0
            when increment_{{ slot }}_milli = 0 then least(rest_{{ slot - 1 }}_milli, units_{{ slot }})
            else increment_{{ slot }}_milli * least(
                {{ integer_divide("rest_" ~ (slot - 1) ~ "_milli + increment_" ~ slot ~ "_milli - 1", "increment_" ~ slot ~ "_milli") }},
                {{ integer_divide("units_" ~ slot, "increment_" ~ slot ~ "_milli") }}
            )
        end as taken_{{ slot }}
    from (
{%- endfor %}
select
    i.*,
    {% for slot in balance_slots() %}w.units_{{ slot }}, {% endfor %}
    w.money_micros,
    coalesce(i.quantity_milli, 0) as rest_0_milli
from {{ walked }} as w
inner join {{ items }} as i on w.subscription_no = i.subscription_no and w.item_no + 1 = i.item_no
{%- for slot in balance_slots() %}
    ) as before_{{ slot }}
) as after_{{ slot }}
{%- endfor %}
{% endmacro %}

{# A balance after an item: credited, limited to what has not lapsed, or debited. #}
{% macro balance_after(slot, balance, taken) %}
case
    when item_type = 'credit' and slot_no = {{ slot }} then {{ balance }} + item_units
    when item_type = 'expiry' and slot_no = {{ slot }} then least({{ balance }}, item_units)
    when item_type = 'event' and not is_rejected then {{ balance }} - {{ taken }}
    else {{ balance }}
end
{% endmacro %}

{# All that unit balances gave. #}
{% macro taken_sum(step) -%}
{% for slot in balance_slots() %}{{ step }}.taken_{{ slot }}{{ '' if loop.last else ' + ' }}{% endfor %}
{%- endmacro %}
