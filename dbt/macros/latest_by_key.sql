{# One row per key of a raw table: a later delivery corrects an earlier one.
   Later means the greater file name, then the later line, so the order of loading does not matter. #}
{% macro latest_by_key(relation, key) %}
select *
from (
    select
        *,
        row_number() over (
            partition by {{ key | join(', ') }}
            order by _source_file desc, _source_row desc, _file_hash
        ) as _delivery_no
    from {{ relation }}
) as deliveries
where _delivery_no = 1
{% endmacro %}
