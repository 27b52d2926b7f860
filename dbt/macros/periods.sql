{# The window that a run reconciles: whole local months. The dates carry a mark, so that the by_period
   materialization can run the same statement for a part of the window. #}

{% macro window_from() %}cast('{{ var("period_from") }}' as date /* from */){% endmacro %}

{% macro window_to() %}cast('{{ first_day_after() }}' as date /* to */){% endmacro %}

{% macro first_day_after() %}
  {%- set through = modules.datetime.date.fromisoformat(var("period_through")) -%}
  {%- set after = (through.replace(day=28) + modules.datetime.timedelta(days=4)).replace(day=1) -%}
  {{- return(after.isoformat()) -}}
{% endmacro %}

{# First of the months before the window that are read for what roll-overs left. #}
{% macro look_back_from() %}{{ add_months_to(window_from(), '-' ~ var('rollover_look_back_months')) }}{% endmacro %}

{# Whether a local day or month lies in the window. #}
{% macro in_window(column) %}{{ column }} >= {{ window_from() }} and {{ column }} < {{ window_to() }}{% endmacro %}

{# First day of the month of a date. #}
{% macro month_of(date_expr) %}cast(date_trunc('month', {{ date_expr }}) as date){% endmacro %}

{# End of an open interval. #}
{% macro open_end(date_expr) %}coalesce({{ date_expr }}, cast('9999-12-31' as date)){% endmacro %}

{# Local day of a moment, by the operator's clock. #}
{% macro local_day(timestamp_expr) -%}
{{ add_days("cast('1970-01-01' as date)", integer_divide(local_micros(epoch_micros(timestamp_expr)), "86400000000")) }}
{%- endmacro %}

{# First day of the last month of the window: the month that a bill run bills. #}
{% macro last_month() %}cast(date_trunc('month', cast('{{ var("period_through") }}' as date)) as date){% endmacro %}
