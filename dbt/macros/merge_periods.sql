{# Periods [valid_from_on, valid_to_on) of a relation, those that touch or overlap made one per key. #}
{% macro merge_periods(relation, keys) %}
{%- set key_list = keys | join(', ') -%}
select
    {{ key_list }},
    min(valid_from_on) as valid_from_on,
    max(valid_to_on) as valid_to_on
from (
    select
        *,
        sum(is_new) over (
            partition by {{ key_list }} order by valid_from_on, valid_to_on rows unbounded preceding
        ) as island_no
    from (
        select
            *,
            case
                when valid_from_on <= max(valid_to_on) over (
                    partition by {{ key_list }} order by valid_from_on, valid_to_on
                    rows between unbounded preceding and 1 preceding
                ) then 0
                else 1
            end as is_new
        -- equal rows have no order, and each window could take them in another one
        from (select distinct {{ key_list }}, valid_from_on, valid_to_on from {{ relation }}) as periods
    ) as marked
) as islands
group by {{ key_list }}, island_no
{% endmacro %}
