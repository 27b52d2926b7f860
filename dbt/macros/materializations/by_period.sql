{# A table kept by local day (or month): only the days whose landed files changed are run again.

   A model names its period_column and the feeds it depends on (inputs; network_usage brings its sessions along); its statement limits itself with
   in_window(). For every day of the window the files that touch it, the statement and the revision of
   the code (models before this one may have changed) make a fingerprint. Days whose fingerprint differs from the stored one are deleted and inserted anew, neighbours
   together until batch_rows records are reached, so memory grows with a day and not with the month.
   Killed half way, the next run finds the old fingerprint and does the day again. #}

{% materialization by_period, adapter='duckdb', supported_languages=['sql'] %}
  {%- set target = this.incorporate(type='table') -%}
  {%- set state = api.Relation.create(database=this.database, schema=this.schema, identifier='_by_period') -%}
  {%- set column = config.require('period_column') -%}
  {%- set code = local_md5(sql ~ var('code_revision')) -%}

  {{ run_hooks(pre_hooks) }}
  {%- set known = run_query("select count(*) from " ~ state ~ " where model = '" ~ this.identifier ~ "' and code = '" ~ code ~ "'") -%}
  {%- if load_cached_relation(this) is none or should_full_refresh() or known.rows[0][0] == 0 -%}
    {% do run_query("delete from " ~ state ~ " where model = '" ~ this.identifier ~ "'") %}
    {% do run_query("drop table if exists " ~ target) %}
    {% do run_query("create table " ~ target ~ " as select * from (" ~ tieout.sql_between(sql, var('period_from'), var('period_from')) ~ ") as none where false") %}
  {%- endif -%}

  {%- set wanted = run_query(tieout.period_fingerprints(state, code, config.require('inputs'), config.get('unit', 'day'))) -%}
  {%- set batches = tieout.merge_batches(wanted.rows, code) -%}
  {% do run_query("delete from " ~ target ~ " where not (" ~ in_window(column) ~ ")") %}
  {% do run_query("delete from " ~ state ~ " where model = '" ~ this.identifier ~ "' and not (" ~ in_window('period_on') ~ ")") %}
  {%- for batch in batches -%}
    {% do run_query("delete from " ~ target ~ " where " ~ column ~ " >= date '" ~ batch.from ~ "' and " ~ column ~ " < date '" ~ batch.to ~ "'") %}
    {% do run_query("insert into " ~ target ~ " " ~ tieout.sql_between(sql, batch.from, batch.to)) %}
    {% do run_query("delete from " ~ state ~ " where model = '" ~ this.identifier ~ "' and period_on >= date '" ~ batch.from ~ "' and period_on < date '" ~ batch.to ~ "'") %}
    {% do run_query("insert into " ~ state ~ " values " ~ batch.states | join(', ')) %}
  {%- endfor -%}
  {% call statement('main') %}select count(*) from {{ target }}{% endcall %}
  {{ run_hooks(post_hooks) }}
  {{ adapter.commit() }}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# On Spark the whole window is one statement: the engine spills and splits by itself. #}
{% materialization by_period, adapter='spark' %}
  {{ return(materialization_table_spark()) }}
{% endmaterialization %}

{# The statement of a model, limited to a part of the window. #}
{% macro sql_between(sql, from_on, to_on) %}
  {{- return(sql
      | replace(tieout.window_from() | trim, "cast('" ~ from_on ~ "' as date)")
      | replace(tieout.window_to() | trim, "cast('" ~ to_on ~ "' as date)")) -}}
{% endmacro %}

{# Rows (period, end, fingerprint, records, is_changed) of every day or month of the window. #}
{% macro period_fingerprints(state, code, inputs, unit) %}
with spine as ({{ date_spine(window_from(), add_days(window_to(), -1), unit) }}),
periods as (
  select spine_on, cast(spine_on + interval 1 {{ unit }} as date) as spine_end from spine
),
files as (
  select * from {{ source('tieout', 'landed_files') }}
  where status = 'loaded' and feed in ('{{ inputs | join("', '") }}')
),
{# What a part of a session counts depends on parts of other days. #}
{%- set parts = api.Relation.create(database=this.database, schema=this.schema, identifier='int_usage__session_parts') %}
sessions as (
  {% if 'network_usage' in inputs -%}
  select event_on, bit_xor(hash(_file_hash, _source_row, part_no, counted_quantity)) as session_hash
  from {{ parts }} where assembly_state = 'counted' group by event_on
  {%- else -%}
  select cast(null as date) as event_on, 0 as session_hash where false
  {%- endif %}
),
session_periods as (
  select p.spine_on, string_agg(s.session_hash, ',' order by s.event_on) as session_hashes
  from periods as p inner join sessions as s on s.event_on >= p.spine_on and s.event_on < p.spine_end
  group by 1
),
{# What an allowance of a month has depends on what the months before left of it. #}
{%- set pools = api.Relation.create(database=this.database, schema=this.schema, identifier='int_billing__allowance_pools') %}
carries as (
  {% if 'allowances' in inputs -%}
  select granted_month, bit_xor(hash(pool_no, carried_units)) as carry_hash
  from {{ pools }} where carried_units > 0 group by granted_month
  {%- else -%}
  select cast(null as date) as granted_month, 0 as carry_hash where false
  {%- endif %}
),
{# A level is carried from events of earlier months. #}
{%- set carried = api.Relation.create(database=this.database, schema=this.schema, identifier='int_usage__opening_levels') %}
levels as (
  {% if config.get('carries_levels') -%}
  select event_month, bit_xor(hash(subscription_id, service_code, quantity)) as level_hash from {{ carried }} group by event_month
  {%- else -%}
  select cast(null as date) as event_month, 0 as level_hash where false
  {%- endif %}
),
fingerprints as (
  select
    p.spine_on, p.spine_end,
    md5('{{ code }}' || coalesce(string_agg(f.feed || f.file_hash, ',' order by f.feed, f.file_hash), '')
      || coalesce(max(s.session_hashes), '') || coalesce(cast(max(c.carry_hash) as varchar), '')
      || coalesce(cast(max(l.level_hash) as varchar), '')) as fingerprint,
    coalesce(sum(case when f.first_event_on is not null then f.loaded_count end), 0) as record_count
  from periods as p
  left join session_periods as s on p.spine_on = s.spine_on
  left join carries as c on p.spine_on = c.granted_month
  left join levels as l on p.spine_on = l.event_month
  left join files as f
    on f.first_event_on is null or (f.first_event_on < p.spine_end and f.last_event_on >= p.spine_on)
  group by 1, 2
)
select
  n.spine_on, n.spine_end, n.fingerprint, n.record_count,
  o.fingerprint is null or o.fingerprint <> n.fingerprint as is_changed
from fingerprints as n
left join {{ state }} as o on o.model = '{{ this.identifier }}' and o.period_on = n.spine_on
order by n.spine_on
{% endmacro %}

{# Neighbouring changed periods, together while they hold at most batch_rows records. #}
{% macro merge_batches(rows, code) %}
  {%- set batches = [] -%}
  {%- set open = namespace(batch=none, count=0) -%}
  {%- for period_on, period_end, fingerprint, record_count, is_changed in rows -%}
    {%- if not is_changed -%}
      {%- set open.batch = none -%}
    {%- else -%}
      {%- set is_full = open.batch is not none and open.count + record_count > var('batch_rows') -%}
      {%- if open.batch is none or is_full -%}
        {%- set open.batch = {'from': period_on | string, 'to': period_end | string, 'states': []} -%}
        {%- set open.count = 0 -%}
        {%- do batches.append(open.batch) -%}
      {%- endif -%}
      {%- do open.batch.update({'to': period_end | string}) -%}
      {%- set open.count = open.count + record_count -%}
      {%- do open.batch['states'].append("('" ~ this.identifier ~ "', '" ~ code ~ "', date '" ~ period_on ~ "', '" ~ fingerprint ~ "')") -%}
    {%- endif -%}
  {%- endfor -%}
  {{- return(batches) -}}
{% endmacro %}
