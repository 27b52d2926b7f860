{# The charge of an event at the terms of one row (alias t): quantity_milli, free_milli and kept_millionths of the
   event beside the price columns of int_catalogue__prices. Only prices by the unit or flat ones can be replayed. #}
{% macro replayed_charges(relation) %}
    select
        *,
        case
            when chargeable_milli <= 0 then 0
            else {{ ratio_micros(bounded_replay(), 'kept_millionths', '1000000', '1') }}
        end as replayed_micros
    from (
        select
            *,
            case
                when is_rounded_twice then {{ round_up_to_increments('(wanted_milli - free_milli)') }}
                when increment_point = 'after_allowance'
                    then {{ round_up_to_increments('(quantity_milli - free_milli)') }}
                else greatest(0, wanted_milli - free_milli)
            end as chargeable_milli
        from (
            select
                *,
                {{ round_up_to_increments('quantity_milli') }} as wanted_milli
            from {{ relation }} as t
        ) as t
    ) as counted
{% endmacro %}

{% macro bounded_replay() %}
least(
    greatest(
        {{ ratio_micros('chargeable_milli', 'price_micros', 'unit_milli', 'rounding_step_micros') }} + connect_micros,
        minimum_micros
    ),
    coalesce(maximum_micros, 999999999999999999)
)
{%- endmacro %}

{# A quantity of binary units (1024) taken for decimal ones (1000): 1 MiB becomes 1 MB, 100 KiB become 100 kB. #}
{% macro decimal_unit(milli) %}
case
    when {{ milli }} % 1048576000 = 0 then {{ integer_divide(milli, '1048576') }} * 1000000
    when {{ milli }} % 1024000 = 0 then {{ integer_divide(milli, '1024') }} * 1000
    else {{ milli }}
end
{%- endmacro %}
