{# How the charge of an event (d, a row of int_usage__rating_differences) comes about at its price row (p). #}
{% macro rating_arithmetic() %}
concat(
    'quantity ', cast(d.quantity as string), ' ', d.unit_code,
    ' -> after increments ', {{ milli_text('d.rated_milli') }},
    ', from the allowance ', {{ milli_text('d.free_milli') }},
    ', charged ', {{ milli_text('d.chargeable_milli') }},
    coalesce(
        ' x ' || {{ amount_text('p.price_micros') }} || ' per ' || {{ milli_text('p.unit_milli') }}
        || case when p.connect_micros > 0 then ' + connect ' || {{ amount_text('p.connect_micros') }} else '' end,
        ' but no price was found'
    ),
    coalesce(' less ' || cast(d.discount_ratio as string) || ' discount', ''),
    ' = ', {{ amount_text('d.expected_micros') }}, '; billing charged ', {{ amount_text('d.charged_micros') }},
    ' (zone ', coalesce(d.billed_zone_code, '-'), ', plan ', coalesce(d.billed_offering_id, '-'),
    ', price ', coalesce(d.billed_price_rule_id, '-'), ')'
)
{% endmacro %}

{# How the charge of a rated event (r) comes about at its price row (t, of int_catalogue__usage_terms), step by step. #}
{% macro event_arithmetic() %}
concat(
    'quantity ', cast(cast(r.quantity as decimal(18, 3)) as string), coalesce(' ' || r.unit_code, ''),
    ' -> after increments ', {{ milli_text('r.rated_milli') }},
    case
        when r.allowances_text is not null then r.allowances_text
        when r.free_milli > 0 then concat(', from the allowance ', coalesce(t.allowance_id, ''), ' ', {{ milli_text('r.free_milli') }})
        else ''
    end,
    ', charged ', {{ milli_text('r.chargeable_milli') }},
    case
        when r.price_rule_id is null then ', but no price was found'
        when r.chargeable_milli = 0 then concat(', price ', r.price_rule_id)
        when r.spans_text is not null then concat(': ', r.spans_text)
        when t.is_tiered then concat(' at the tiers of ', r.price_rule_id)
        else concat(' x ', {{ amount_text('t.price_micros') }}, ' per ', {{ milli_text('t.unit_milli') }}, ' (', r.price_rule_id, ')')
    end,
    case
        when r.chargeable_milli > 0 and t.connect_micros > 0 then concat(' + connect ', {{ amount_text('t.connect_micros') }})
        else ''
    end,
    case when r.unrounded_micros > 0 then concat(' = ', {{ amount_text('r.unrounded_micros') }}, ', rounded') else '' end,
    case when r.full_micros is not null then concat(' = ', {{ amount_text('r.full_micros') }}) else '' end,
    case
        when r.kept_millionths is null then ''
        else concat(', less ', cast({{ taken_off('r.kept_millionths') }} as string), ' discount')
    end,
    coalesce(r.money_text, ''),
    case
        when r.kept_millionths is null and r.money_text is null then ''
        else concat(' = ', {{ amount_text('r.charge_micros') }})
    end
)
{% endmacro %}

{% macro rated_record() %}
{{ json_record({
    'rated_usage_id': 'd.rated_usage_id', 'network_record_id': 'd.network_record_id', 'service_id': 'd.service_id',
    'service_code': 'd.service_code', 'other_party_number': 'd.other_party_number', 'started_at': 'd.started_at',
    'quantity': 'd.quantity', 'unit_code': 'd.unit_code', 'product_offering_id': 'd.billed_offering_id',
    'zone_code': 'd.billed_zone_code', 'price_rule_id': 'd.billed_price_rule_id',
    'allowance_quantity': 'd.billed_allowance_quantity', 'zero_reason_code': 'd.zero_reason_code',
    'charge_amount': amount_text('d.charged_micros')
}) }}
{% endmacro %}

{# Thousandths of a base unit as a decimal text. #}
{% macro milli_text(milli_expr) %}cast(cast(cast({{ milli_expr }} as decimal(18, 0)) * cast(0.001 as decimal(4, 3)) as decimal(18, 3)) as string){% endmacro %}
