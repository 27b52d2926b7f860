-- what each detailed event costs after its allowances of units: by its own quantity, by its month, or span by span
{%- set no_parts -%}
cast(null as bigint) as measured, cast(null as bigint) as weighted, 0 as share_micros, 0 as fixed_micros
{%- endset -%}
{%- set no_spans -%}
cast(null as bigint) as span_count, cast(null as bigint) as unrounded_micros, cast(null as string) as spans_text
{%- endset -%}
{%- set own = column_names(event_columns() ~ ', ' ~ place_columns() ~ ', ' ~ carried_columns()) %}
with

charged as (
    select * from {{ ref('int_usage__detailed_allotments') }}
),

spans as (
    {{ call_spans(call_shapes('charged', 'chargeable_milli > 0', 'start_milli')) }}
),

costs as (
    {{ call_costs('spans', with_text=true) }}
),

by_unit as (
    select * from charged
    where not coalesce(is_tiered or is_by_call, false) and quantity_milli >= 0
),

by_month as (
    select * from charged
    where is_tiered or (quantity_milli < 0 and not coalesce(is_by_call, false))
),

unit_valued as (
    {{ unit_charges('by_unit') }}
),

{{ month_charges('by_month', own, 'month_valued') }},

call_valued as (
    {{ valued_calls('charged', 'costs') }}
),

valued as (
    select {{ event_columns() }}, {{ place_columns() }}, {{ result_columns() }}, {{ no_parts }}, {{ no_spans }}
    from unit_valued
    union all
    select {{ event_columns() }}, {{ place_columns() }}, {{ result_columns() }}, {{ part_columns() }}, {{ no_spans }}
    from month_valued
    union all
    select
        {{ event_columns() }}, {{ place_columns() }}, {{ result_columns() }},
        chargeable_milli as measured, chargeable_milli * 1000 as weighted, 0 as share_micros, 0 as fixed_micros,
        span_count, unrounded_micros, spans_text
    from call_valued
),

final as (
    select
        {{ event_columns() }}, {{ place_columns() }}, {{ result_columns() }}, {{ part_columns() }},
        span_count, unrounded_micros, spans_text,
        {{ discounted_micros() }} as charge_micros
    from valued
)

select * from final
