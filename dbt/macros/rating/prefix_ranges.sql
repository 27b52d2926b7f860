{# Nested prefixes (column prefix) become disjoint ranges of nine-digit heads with the code of the longest prefix, so
   that a code is one range look-up per distinct head. Each group of the columns in by has ranges of its own. #}
{% macro prefix_ranges(relation, code, by=[]) %}
{%- set group = by | join(', ') ~ (', ' if by else '') %}
select
    {{ group }}from_head,
    to_head,
    {{ code }}
from (
    select
        {% for column in by %}l.{{ column }}, {% endfor %}
        p.piece_from as from_head,
        p.piece_to as to_head,
        l.{{ code }},
        row_number() over (
            partition by {% for column in by %}p.{{ column }}, {% endfor %}p.piece_from
            order by length(l.prefix) desc, l.{{ code }} asc
        ) as prefix_rank
    from (
        select
            {{ group }}border as piece_from,
            lead(border) over ({% if by %}partition by {{ by | join(', ') }} {% endif %}order by border) as piece_to
        from (
            select {{ group }}{{ first_head('prefix') }} as border from {{ relation }}
            union
            select {{ group }}{{ head_after('prefix') }} as border from {{ relation }}
        ) as borders
    ) as p
    inner join {{ relation }} as l
        on
            {% for column in by %}p.{{ column }} = l.{{ column }} and {% endfor %}
            p.piece_from >= {{ first_head('l.prefix') }}
            and p.piece_from < {{ head_after('l.prefix') }}
    where p.piece_to is not null
) as ranked
where prefix_rank = 1
{% endmacro %}

{# The first nine-digit head that begins with a prefix, and the one after the last. #}
{% macro first_head(prefix) %}cast(rpad({{ prefix }}, 9, '0') as bigint){% endmacro %}
{% macro head_after(prefix) %}{{ first_head(prefix) }} + {{ power_of_ten('9 - length(' ~ prefix ~ ')') }}{% endmacro %}
