{# The parts of a difference between two sides. Every one changes its sign, and nothing else, when the sides change
   places: prices and rates of exchange are the mean of both. See docs/decisions/0034-parts-of-a-difference.md. #}

{# An amount of one side at the mean of the two rates of exchange: its own, and what the other side's rate makes of it. #}
{% macro at_mean_rate(paid, priced, other_paid, other_priced) -%}
case
    when {{ other_priced }} = 0 or {{ priced }} = {{ paid }} and {{ other_priced }} = {{ other_paid }} then {{ paid }}
    else cast({{ nearest(
        "(" ~ wide_integer(paid) ~ " * " ~ other_priced ~ " + " ~ wide_integer(priced) ~ " * " ~ other_paid ~ ")",
        "(2 * " ~ other_priced ~ ")"
    ) }} as bigint)
end
{%- endmacro %}

{# An amount if it is small enough to be rounding, else none. #}
{% macro within(micros, room) %}case when abs({{ micros }}) <= {{ room }} then {{ micros }} else 0 end{% endmacro %}

{# What a quantity is worth at the mean of both sides' prices; a side without quantity has the other's price. #}
{% macro at_mean_price(quantity, prefix) -%}
cast({{ nearest(
    "(case when " ~ prefix ~ "declared_milli = 0 then " ~ _worth(quantity, prefix ~ "measured", prefix)
    ~ " else " ~ _worth(quantity, prefix ~ "declared", prefix) ~ " end"
    ~ " + case when " ~ prefix ~ "measured_milli = 0 then " ~ _worth(quantity, prefix ~ "declared", prefix)
    ~ " else " ~ _worth(quantity, prefix ~ "measured", prefix) ~ " end)", "4"
) }} as bigint)
{%- endmacro %}

{# The same at one side's price, in halves of micro-units; none where that side has no quantity either. #}
{% macro _worth(quantity, side, prefix) -%}
case when {{ side }}_milli = 0 then 0 else {{ nearest(
    wide_integer(quantity) ~ " * " ~ side ~ "_twice_micros", "nullif(" ~ side ~ "_milli, 0)"
) }} end
{%- endmacro %}
