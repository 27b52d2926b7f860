{# Where a row ends when the rows of its window follow each other, each lengthened to whole steps of its own and
   the excess eating into the next. The first begins at start_expr; a step of 0 is not lengthened. #}
{% macro rounded_until(end_expr, step_expr, start_expr, window) %}{{ return(adapter.dispatch('rounded_until', 'tieout')(end_expr, step_expr, start_expr, window)) }}{% endmacro %}
{% macro default__rounded_until(end_expr, step_expr, start_expr, window) %}{{ exceptions.raise_compiler_error("rounded_until is not written for this engine") }}{% endmacro %}
{% macro duckdb__rounded_until(end_expr, step_expr, start_expr, window) %}
list_reduce(
    list({'ends': {{ end_expr }}, 'step': {{ step_expr }}}) over ({{ window }} rows between unbounded preceding and current row),
    lambda so_far, one: {'ends': case
        when one.ends <= so_far.ends then so_far.ends
        when one.step = 0 then one.ends
        else so_far.ends + (one.ends - so_far.ends + one.step - 1) // one.step * one.step
    end, 'step': one.step},
    {'ends': {{ start_expr }}, 'step': 0::bigint}
).ends
{% endmacro %}
{% macro spark__rounded_until(end_expr, step_expr, start_expr, window) %}
aggregate(
    collect_list(named_struct('ends', {{ end_expr }}, 'step', {{ step_expr }})) over ({{ window }} rows between unbounded preceding and current row),
    {{ start_expr }},
    (so_far, one) -> case
        when one.ends <= so_far then so_far
        when one.step = 0 then one.ends
        else so_far + (one.ends - so_far + one.step - 1) div one.step * one.step
    end
)
{% endmacro %}
