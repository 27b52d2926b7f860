{# Words for periods that are counted from an anchor: a month by its number, a day by its day in that month. #}

{# Months since year 0 of a date. #}
{% macro month_number(date_expr) %}(cast(year({{ date_expr }}) as bigint) * 12 + month({{ date_expr }}) - 1){% endmacro %}

{# First day of the month of such a number. #}
{% macro month_numbered(number_expr) %}
{{ add_months_to("cast('2000-01-01' as date)", "(" ~ number_expr ~ ") - 24000") }}
{%- endmacro %}

{# A day of the month, the last one where the month is shorter: 31 is 28 February and again 31 March. #}
{% macro day_in_month(number_expr, day_expr) %}
least(
    {{ add_days(month_numbered(number_expr), day_expr ~ " - 1") }},
    cast(last_day({{ month_numbered(number_expr) }}) as date)
)
{%- endmacro %}

{# Days since Monday, 3 January 2000, and back; windows of bills lie behind it or a little before. #}
{% macro day_number(date_expr) %}({{ days_between("cast('1000-01-06' as date)", date_expr) }}){% endmacro %}
{% macro day_numbered(number_expr) %}{{ add_days("cast('1000-01-06' as date)", number_expr) }}{% endmacro %}

{# Boundary number k of a series of periods. #}
{% macro boundary(k_expr, unit, step, anchor, anchor_day) %}
case {{ unit }}
    when 'month' then {{ day_in_month(anchor ~ " + (" ~ k_expr ~ ") * " ~ step, anchor_day) }}
    else {{ day_numbered(anchor ~ " + (" ~ k_expr ~ ") * " ~ step) }}
end
{%- endmacro %}

{# A series of periods as a text: unit, length, where it is anchored, and the account where its bill day changes. #}
{% macro series_key(unit, step, anchor, anchor_day, account) %}
concat(
    {{ unit }}, '|', cast({{ step }} as string), '|', cast({{ anchor }} as string), '|',
    cast({{ anchor_day }} as string), '|', coalesce({{ account }}, '')
)
{%- endmacro %}
