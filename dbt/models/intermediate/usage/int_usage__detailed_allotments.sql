-- what the allowances of units give each detailed event, in order, and what is left to be charged
with

wanted as (
    select * from {{ ref('int_usage__detailed_events') }}
),

simple as (
    select * from wanted
    where not is_layered
),

{{ allowance_split('simple') }},

{{ allowance_layers('wanted', is_money=false) }},

allotted as (
    select
        {{ wanted_columns() }}, free_milli, cast(null as string) as allowances_text,
        cast(null as string) as unit_allowance_id, counter_no is not null as has_allowance
    from split
    union all
    select
        {{ wanted_columns() }}, wanted_milli - rest_{{ layer_numbers() | last }} as free_milli,
        {{ layers_text() }} as allowances_text, {{ first_allowance('') }} as unit_allowance_id,
        wanted_milli > rest_{{ layer_numbers() | last }} as has_allowance
    from layer_{{ layer_numbers() | last }}
),

final as (
    select
        {{ wanted_columns() }},
        t.free_milli,
        t.allowances_text,
        t.unit_allowance_id,
        t.has_allowance,
        case when t.increment_point = 'after_allowance' then t.free_milli else 0 end as start_milli,
        case
            when t.increment_point = 'after_allowance' then {{ round_up_to_increments('t.wanted_milli') }}
            else t.wanted_milli
        end as rated_milli,
        case
            when t.increment_point = 'after_allowance'
                then {{ round_up_to_increments('(t.wanted_milli - t.free_milli)') }}
            else t.wanted_milli - t.free_milli
        end as chargeable_milli
    from allotted as t
)

select * from final
