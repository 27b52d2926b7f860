{# Shares of a total in proportion to weights: each is rounded down to a step, and the steps that are
   left go to the largest remainders, then by the order given. The relation has total_micros (the same in each
   group), weight_micros and step_micros, none below zero; share_micros is added to its columns. #}
{% macro spread(relation, group, order) %}
select
    *,
    case
        when weight_sum = 0 then 0
        else
            floor_micros
            + case
                when share_rank <= {{ integer_divide('left_micros', 'step_micros') }} then step_micros else 0
            end
            + case when share_rank = 1 then left_micros % step_micros else 0 end
    end as share_micros
from (
    select
        *,
        row_number() over (partition by {{ group }} order by rest desc, {{ order }}) as share_rank,
        cast(total_micros - sum(floor_micros) over (partition by {{ group }}) as bigint) as left_micros
    from (
        select
            *,
            cast({{ integer_divide(wide_integer('total_micros') ~ ' * weight_micros', wide_integer('weight_sum') ~ ' * step_micros') }}
                * step_micros as bigint) as floor_micros,
            {{ wide_integer('total_micros') }} * weight_micros % ({{ wide_integer('weight_sum') }} * step_micros) as rest
        from (
            select
                *,
                greatest(sum(weight_micros) over (partition by {{ group }}), 1) as weight_sum
            from {{ relation }}
        ) as weighted
    ) as floored
) as ranked
{% endmacro %}
