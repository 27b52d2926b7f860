{# Days of a piece, and of its whole period, where every month counts the same number of days: months between the two
   days at that number, and the difference of the days in their months. A whole period is whole at its clamped ends. #}
{% macro part_units(piece, fixed) %}
case
    when {{ piece }}.series_unit = 'day' then {{ days_between(piece ~ '.valid_from_on', piece ~ '.valid_to_on') }}
    when {{ piece }}.valid_from_on = {{ piece }}.full_start_on and {{ piece }}.valid_to_on = {{ piece }}.full_end_on
        then {{ fixed }} * {{ piece }}.series_step
    else greatest(
        ({{ month_number(piece ~ '.valid_to_on') }} - {{ month_number(piece ~ '.valid_from_on') }}) * {{ fixed }}
        + day({{ piece }}.valid_to_on) - day({{ piece }}.valid_from_on), 0
    )
end
{%- endmacro %}

{% macro full_units(piece, fixed) %}
case
    when {{ piece }}.series_unit = 'day' then {{ days_between(piece ~ '.full_start_on', piece ~ '.full_end_on') }}
    else {{ fixed }} * {{ piece }}.series_step
end
{%- endmacro %}
