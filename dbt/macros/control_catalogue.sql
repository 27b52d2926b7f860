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

{# Controls and the feeds each needs, one row a pair. #}
{% macro control_needs() %}
{%- set rows = [] -%}
{%- if execute -%}
  {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.get('control_id') -%}
    {%- for feed in node.config.meta.needs -%}{%- do rows.append((node.config.meta.control_id, feed)) -%}{%- endfor -%}
  {%- endfor -%}
{%- endif -%}
{%- if not rows -%}{%- do rows.append(('', '')) -%}{%- endif -%}
select * from (
    values
    {% for control_id, feed in rows | sort -%}
    ('{{ control_id }}', '{{ feed }}'){% if not loop.last %},{% endif %}
    {% endfor %}
) as needs (control_id, feed)
{% endmacro %}
