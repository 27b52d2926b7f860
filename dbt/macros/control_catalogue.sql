{# The controls, read from the meta of their own models: there is no second list.
   Rows control_id, title, question, area, owner_stage, owner, severity, tolerance, needed_feeds. #}
{% macro control_catalogue() %}
{%- set rows = [] -%}
{%- if execute -%}
  {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.get('control_id') -%}
    {%- set meta = node.config.meta -%}
    {%- do rows.append((meta.control_id, meta.title, meta.question, meta.area, meta.owner_stage, meta.owner,
                        meta.severity, meta.tolerance, meta.needs | join(','))) -%}
  {%- endfor -%}
{%- endif -%}
{%- if not rows -%}{%- do rows.append(('', '', '', '', '', '', '', '', '')) -%}{%- endif -%}
select * from (
    values
    {% for row in rows | sort -%}
    ({% for value in row %}'{{ value | string | replace("'", "''") }}'{% if not loop.last %}, {% endif %}{% endfor %}){% if not loop.last %},{% endif %}
    {% endfor %}
) as catalogue (control_id, title, question, area, owner_stage, owner, severity, tolerance, needed_feeds)
{% endmacro %}

{# What each control needs, one row a feed (or feed.column, or feeds of which one will do: a|b).
   Rows control_id, need, is_mapped, row_count; for a column the rows in which it is filled. #}
{% macro control_needs() %}
{%- set needs = [] -%}
{%- set feeds = {} -%}
{%- if execute -%}
  {%- for node in graph.sources.values() -%}{%- do feeds.update({node.name: node.source_name}) -%}{%- endfor -%}
  {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.get('control_id') -%}
    {%- for need in node.config.meta.needs -%}{%- do needs.append((node.config.meta.control_id, need)) -%}{%- endfor -%}
  {%- endfor -%}
{%- endif -%}
{%- for control_id, need in needs | sort -%}
{%- set column = need.split('.')[1] if '.' in need else '*' -%}
{%- set alternatives = need.split('.')[0].split('|') -%}
select
  '{{ control_id }}' as control_id, '{{ need | replace('|', ' or ') }}' as need,
  (
    select bool_or(f.is_mapped) from {{ ref('stg_tieout__feeds') }} as f
    where f.feed in ('{{ alternatives | join("', '") }}')
  ) as is_mapped,
  {% for feed in alternatives -%}
  (select count({{ column }}) from {{ ref('stg_' ~ feeds[feed] ~ '__' ~ feed) }}){% if not loop.last %} + {% endif %}
  {%- endfor %} as row_count
{% if not loop.last %}union all
{% endif %}
{%- else -%}
select '' as control_id, '' as need, false as is_mapped, 0 as row_count
{%- endfor %}
{% endmacro %}
