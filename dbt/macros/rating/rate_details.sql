{# Rating of the events whose plan has more rules than a price and an allowance: steps of the length of a
   call, rounded increments, calls cut at a border, several or shared or money allowances. All rating sets go through the tables
   int_usage__detailed_events, _allotments, _charges and _ratings together, each by itself; without such plans
   nothing is read. #}

{# Those of the columns of int_usage__detailed_ratings that rate_events has as well; condition chooses a rating set. #}
{% macro rate_details(condition, keep, with_parts=false, with_spans=false) %}
select
    {% for column in keep %}{{ column }}, {% endfor %}
    subscription_no,
    usage_term_no,
    price_rule_id,
    tax_group_code,
    is_prepaid,
    has_allowance,
    rated_milli,
    free_milli,
    chargeable_milli,
    kept_millionths,
    {% if with_parts %}
    {{ part_columns() }}, full_micros,
    {% endif %}
    charge_micros
    {%- if with_spans %},
    {% if not with_parts %}full_micros,{% endif %}
    span_count,
    unrounded_micros,
    spans_text,
    allowances_text,
    money_text,
    used_allowance_id
    {%- endif %}
from {{ ref('int_usage__detailed_ratings') }}
where {{ condition }}
{% endmacro %}

{# What the price counts of an event of a month: see month_charges. #}
{% macro part_columns() -%}
measured, weighted, share_micros, fixed_micros
{%- endmacro %}

{# Where an event stands among those that share an allowance, and what it took of one by units. #}
{% macro place_columns() -%}
call_subscription_id, is_layered, tier_set, tier_month, call_on, call_service_code, event_zone_code, term_band_code,
consume_place, allowances_text, unit_allowance_id, has_allowance
{%- endmacro %}

{# What is known of an event before it is valued, and once it is. #}
{% macro carried_columns() -%}
subscription_no, usage_term_no, price_rule_id, tax_group_code, is_prepaid, rated_milli, free_milli, chargeable_milli,
kept_millionths
{%- endmacro %}

{% macro result_columns() -%}
{{ carried_columns() }}, full_micros
{%- endmacro %}

{# The names in a list of columns. #}
{% macro column_names(columns) %}{{ return(columns.replace('\n', ' ').split(', ')) }}{% endmacro %}

{# CTEs up to wanted: the detailed events of a relation with their price row and the quantity they want. #}
{% macro wanted_events(relation, columns) %}
located as (
    {{ located_events(relation, columns) }}
),
termed as (
    {{ termed_events('located', columns) }}
),
wanted_spans as (
    {{ call_spans(call_shapes('termed', "quantity_milli > 0 and increment_point = 'before_allowance'", '0')) }}
),
lengths as (
    select {{ call_shape() }}, cast(sum(length_milli) as bigint) as rated_milli
    from wanted_spans
    group by {{ call_shape() }}
),
wanted as (
    select
        t.*,
        case
            when t.increment_point = 'after_allowance' then greatest(0, t.quantity_milli)
            when t.is_by_call then coalesce(l.rated_milli, 0)
            else {{ round_to_increments('t.quantity_milli') }}
        end as wanted_milli
    from termed as t
    left join lengths as l on {{ same_call('t', 'l') }}
)
{%- endmacro %}

{# The columns of wanted. #}
{% macro wanted_columns() -%}
{{ event_columns() }}, call_subscription_id, is_layered, subscription_no, kept_millionths, is_prepaid,
{{ call_shape() }}, tier_set, tier_month, month_part, consume_place, usage_term_no, counter_no, event_zone_code,
term_band_code, price_rule_id, tax_group_code, is_tiered, is_by_call, price_micros, unit_milli, first_increment_milli,
next_increment_milli, connect_micros, minimum_micros, maximum_micros, rounding_step_micros, narrow_milli,
increment_point, level_on, amount_micros, active_milli, metric_code, taken_back_milli, wanted_milli
{%- endmacro %}

{# Events that are priced span by span. #}
{% macro valued_calls(charged, costs) %}
select
    {% for column in column_names(event_columns() ~ ', ' ~ place_columns()) %}e.{{ column }}, {% endfor %}
    e.subscription_no, e.usage_term_no, e.price_rule_id, e.tax_group_code, e.is_prepaid,
    case
        when e.increment_point = 'before_allowance' or e.quantity_milli <= 0 then e.rated_milli
        else e.free_milli + coalesce(c.length_milli, 0)
    end as rated_milli,
    e.free_milli,
    coalesce(c.length_milli, 0) as chargeable_milli,
    e.kept_millionths,
    case
        when e.quantity_milli < 0 then null
        when e.chargeable_milli = 0 then 0
        else least(greatest(c.cost_micros, e.minimum_micros), coalesce(e.maximum_micros, 999999999999999999))
    end as full_micros,
    coalesce(c.span_count, 0) as span_count,
    coalesce(c.unrounded_micros, 0) as unrounded_micros,
    c.spans_text
from {{ charged }} as e
left join {{ costs }} as c on {{ same_call('e', 'c') }} and e.free_milli = c.free_milli
where e.is_by_call
{% endmacro %}

{# Events of detailed periods with what a look-up needs: zone, plan, and the clock at their start. #}
{% macro located_events(relation, columns) %}
    select
        {% for column in columns %}u.{{ column }}, {% endfor %}
        u.subscription_id as call_subscription_id,
        s.is_layered,
        s.subscription_no,
        s.kept_millionths,
        s.kept_by_charge,
        coalesce(s.is_prepaid, false) as is_prepaid,
        s.offering_no as call_offering_no,
        u.service_code as call_service_code,
        coalesce(z.zone_no, 0) as call_zone_no,
        u.event_on as call_on,
        {{ epoch_micros('u.started_at') }} as call_micros,
        {{ clock_milli('u.started_at', 'u.event_on') }} as call_clock_milli,
        u.rating_set as tier_set,
        {{ month_of('u.event_on') }} as tier_month,
        cast({{ month_part('u.event_on', 'u.consume_rank') }} as integer) as month_part,
        {{ consume_place() }} as consume_place,
        u.quantity_milli,
        {{ month_columns() }}
    from (select *, {{ to_milli('quantity') }} as quantity_milli from {{ relation }}) as u
    inner join (
        select distinct subscription_id
        from {{ ref('int_customers__rating_periods') }}
        where is_detailed
    ) as x on u.subscription_id = x.subscription_id
    inner join {{ ref('int_customers__rating_periods') }} as s
        on
            u.subscription_id = s.subscription_id
            and u.event_on >= s.valid_from_on
            and u.event_on < s.valid_to_on
            and s.is_detailed
    left join {{ ref('int_catalogue__zone_buckets') }} as z
        on
            {{ head_bucket('u.other_party_number_head') }} = z.bucket_no
            and u.other_party_number_head >= z.from_head
            and u.other_party_number_head < z.to_head
    {{ detail_join() }}
{% endmacro %}

{# The price row in force at the start of an event: of its time band where there are bands. #}
{% macro termed_events(relation, columns) %}
    select
        {% for column in columns %}l.{{ column }}, {% endfor %}
        l.call_subscription_id, l.is_layered, l.subscription_no,
        {{ kept_of_charge('l', 't.charge_code') }} as kept_millionths, l.is_prepaid, l.call_offering_no, l.call_service_code, l.call_zone_no,
        l.call_on, l.call_micros, l.call_clock_milli, l.tier_set, l.tier_month, l.month_part, l.consume_place,
        l.quantity_milli, l.level_on, l.amount_micros, l.active_milli, l.metric_code, l.taken_back_milli,
        t.usage_term_no as call_term_no,
        t.usage_term_no,
        case
            when not l.is_layered and l.call_on >= t.allowance_from_on and l.call_on < t.allowance_to_on
                then {{ counter_no('l.tier_set', 'l.subscription_no', 'l.call_on', 't.allowance_no') }}
        end as counter_no,
        t.event_zone_code,
        t.time_band_code as term_band_code,
        t.price_rule_id,
        t.tax_group_code,
        t.is_tiered,
        t.is_by_call,
        t.price_micros,
        t.unit_milli,
        t.first_increment_milli,
        t.next_increment_milli,
        t.connect_micros,
        t.minimum_micros,
        t.maximum_micros,
        t.rounding_step_micros,
        t.narrow_milli,
        t.increment_point,
        t.quantity_rounding_mode
    from {{ relation }} as l
    {{ price_row_joins('l.call_offering_no', 'l.call_service_code', 'l.call_zone_no', 'l.call_on', 'l.call_clock_milli') }}
{% endmacro %}

{# Joins an event to t, the price row in force at its start: b by the clock where there are bands, else d by the day.
   Offers that is_banded tells to have no bands are not looked for among them. #}
{% macro price_row_joins(offering, service, zone, day, clock, is_banded='true') -%}
left join {{ ref('int_catalogue__band_hours') }} as b
    on
        case when {{ is_banded }} then {{ offering }} end = b.offering_no
        and {{ day }} = b.local_on
        and {{ service }} = b.service_code
        and {{ zone }} = b.zone_no
        and case when {{ is_banded }} then {{ clock }} end >= b.from_milli
        and case when {{ is_banded }} then {{ clock }} end < b.to_milli
left join {{ ref('int_catalogue__usage_terms') }} as d
    on
        {{ offering }} = d.offering_no
        and {{ service }} = d.service_code
        and {{ zone }} = d.zone_no
        and {{ day }} >= d.valid_from_on
        and {{ day }} < d.valid_to_on
        and not coalesce(d.is_banded, false)
left join {{ ref('int_catalogue__usage_terms') }} as t
    on coalesce(b.usage_term_no, d.usage_term_no) = t.usage_term_no
{%- endmacro %}
