{# Money in SQL: exact, half away from zero, rounded once. Inside an expression amounts are whole micro-units
   (1 is 0.000001), in tables decimal(18, 6). See docs/decisions/0002-money.md. #}

{# quantity * price / unit for non-negative whole numbers, rounded half up to a multiple of step_micros
   (1 is six decimals, 10000 is cents). Quantity and unit share a scale; price and result are micro-units.
   The product is taken in wide integers: it cannot overflow for any quantity a bill can hold. Wide integers
   are ten times slower, so up to the quantity narrow_to (see narrow_up_to) ordinary ones are taken. #}
{% macro ratio_micros(quantity, price_micros, unit, step_micros, narrow_to=none) %}
{%- set wide = integer_divide(
    "2 * " ~ wide_integer(quantity) ~ " * " ~ price_micros ~ " + " ~ wide_integer(unit) ~ " * " ~ step_micros,
    "2 * " ~ wide_integer(unit) ~ " * " ~ step_micros
) -%}
{%- set narrow = integer_divide(
    "2 * " ~ quantity ~ " * " ~ price_micros ~ " + " ~ unit ~ " * " ~ step_micros,
    "2 * " ~ unit ~ " * " ~ step_micros
) -%}
{%- if narrow_to is none -%}
cast({{ wide }} * {{ step_micros }} as bigint)
{%- else -%}
case
    when {{ quantity }} <= {{ narrow_to }} then {{ narrow }} * {{ step_micros }}
    else cast({{ wide }} * {{ step_micros }} as bigint)
end
{%- endif -%}
{% endmacro %}

{# The greatest quantity for which 2 * quantity * price + unit * step fits into 64 bits; -1 if there is none. #}
{% macro narrow_up_to(price_micros, unit, step_micros) %}
case
    when {{ wide_integer(unit) }} * {{ step_micros }} >= 4000000000000000000 then -1
    else {{ integer_divide("4000000000000000000", "2 * greatest(" ~ price_micros ~ ", 1)") }}
end
{% endmacro %}

{# Micro-units of an amount, and back. The product of an amount of a million or more has no room in 18 digits;
   wide decimals are forty times slower, so only such amounts take them. #}
{% macro to_micros(amount_expr) %}
case
    when abs({{ amount_expr }}) < 1000000 then cast({{ amount_expr }} * 1000000 as bigint)
    else cast(cast({{ amount_expr }} as decimal(38, 6)) * 1000000 as bigint)
end
{% endmacro %}

{# Thousandths of a quantity; a terabyte in bytes is where 18 digits end. #}
{% macro to_milli(quantity_expr) %}
case
    when abs({{ quantity_expr }}) < 1000000000000 then cast({{ quantity_expr }} * 1000 as bigint)
    else cast(cast({{ quantity_expr }} as decimal(38, 3)) * 1000 as bigint)
end
{% endmacro %}

{# Thousand-millionths of a share. #}
{% macro to_billionths(ratio_expr) %}cast(cast({{ ratio_expr }} as decimal(38, 9)) * 1000000000 as bigint){% endmacro %}

{% macro from_micros(micros_expr) %}cast(cast({{ micros_expr }} as decimal(18, 0)) * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)){% endmacro %}

{# Ten to the power of a whole number, 1 below zero. The power function gives a binary fraction. #}
{% macro power_of_ten(exponent) %}
case when {{ exponent }} < 0 then 1 else cast(rpad('1', cast(1 + {{ exponent }} as integer), '0') as bigint) end
{%- endmacro %}

{# A quantity of thousandths as tables store it. #}
{% macro from_milli(milli_expr) %}cast(cast({{ milli_expr }} as decimal(21, 0)) * cast(0.001 as decimal(4, 3)) as decimal(18, 3)){% endmacro %}

{# An amount as every table stores it. #}
{% macro amount(expr) %}cast({{ expr }} as decimal(18, 6)){% endmacro %}

{# An amount rounded half away from zero to cents. #}
{% macro to_cents(expr) %}cast(cast({{ expr }} as decimal(18, 2)) as decimal(18, 6)){% endmacro %}

{# A share of an amount, rounded half away from zero to the decimals given. #}
{% macro share_of(amount_expr, ratio_expr, decimals=6) %}
cast(round(cast({{ amount_expr }} as decimal(28, 6)) * cast({{ ratio_expr }} as decimal(9, 6)), {{ decimals }}) as decimal(18, 6))
{% endmacro %}

{# The share that a discount takes off, from what it leaves in millionths. #}
{% macro taken_off(kept_millionths) %}
cast(1 - cast({{ kept_millionths }} as decimal(9, 0)) * cast(0.000001 as decimal(7, 6)) as decimal(9, 6))
{% endmacro %}

{# A signed amount in micro-units rounded half away from zero to a multiple of step_micros. #}
{% macro round_to_step(micros_expr, step_expr) %}
case
    when {{ micros_expr }} < 0
        then -{{ integer_divide("2 * -(" ~ micros_expr ~ ") + " ~ step_expr, "2 * " ~ step_expr) }} * {{ step_expr }}
    else {{ integer_divide("2 * (" ~ micros_expr ~ ") + " ~ step_expr, "2 * " ~ step_expr) }} * {{ step_expr }}
end
{% endmacro %}

{# The minor unit of a currency in micro-units (ISO 4217): a cent where nothing else is said. #}
{% macro minor_step(currency_expr) %}
cast(case
    when {{ currency_expr }} in (
        'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'
    ) then 1000000
    when {{ currency_expr }} in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 1000
    else 10000
end as bigint)
{% endmacro %}

{# Quotient of two whole numbers, the second above zero, rounded to a whole number as mode (an SQL expression) says:
   half_up and up away from zero, half_even, down towards zero, ceil, floor. Both are names of columns or plain
   figures: they are written several times. #}
{% macro divide_rounded(numerator, denominator, mode) %}
{%- set whole = integer_divide("abs(" ~ numerator ~ ")", denominator) -%}
(case when {{ numerator }} < 0 then -1 else 1 end) * ({{ whole }} + case
    when abs({{ numerator }}) % {{ denominator }} = 0 then 0
    when {{ mode }} = 'half_up' then case when 2 * (abs({{ numerator }}) % {{ denominator }}) >= {{ denominator }} then 1 else 0 end
    when {{ mode }} = 'half_even' then case
        when 2 * (abs({{ numerator }}) % {{ denominator }}) > {{ denominator }} then 1
        when 2 * (abs({{ numerator }}) % {{ denominator }}) = {{ denominator }} then {{ whole }} % 2
        else 0
    end
    when {{ mode }} = 'up' then 1
    when {{ mode }} = 'ceil' then case when {{ numerator }} > 0 then 1 else 0 end
    when {{ mode }} = 'floor' then case when {{ numerator }} < 0 then 1 else 0 end
    else 0
end)
{% endmacro %}
