-- what each detailed event costs in the end: allowances of money pay what discounts left
with

discounted as (
    select * from {{ ref('int_usage__detailed_charges') }}
),

{{ allowance_layers('discounted', is_money=true) }},

final as (
    select
        tier_set, {{ event_columns() }}, {{ result_columns() }}, {{ part_columns() }},
        has_allowance, span_count, unrounded_micros, spans_text, allowances_text, charge_micros,
        cast(null as string) as money_text, unit_allowance_id as used_allowance_id
    from discounted
    where not is_layered
    union all
    select
        tier_set, {{ event_columns() }}, {{ result_columns() }}, {{ part_columns() }},
        has_allowance, span_count, unrounded_micros, spans_text, allowances_text,
        case when charge_micros is not null then rest_money_{{ layer_numbers() | last }} end as charge_micros,
        {{ money_layers_text() }} as money_text,
        coalesce(unit_allowance_id, {{ first_allowance('money_') }}) as used_allowance_id
    from money_layer_{{ layer_numbers() | last }}
)

select * from final
