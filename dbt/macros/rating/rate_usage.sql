{# Rates a set of usage events: plan, zone, price, increments, allowance in event order, charge, discount.

   The relation has rating_set (a whole number below 32), subscription_id, service_code, event_on, started_at,
   event_id, consume_rank, quantity, other_party_number_head, _file_hash and _source_row (of the record), and the
   columns named in keep. Each rating_set
   is rated by itself; within one, an allowance is consumed by consume_rank, started_at, event_id.
   Quantities are in thousandths of base units, money in micro-units: whole numbers, exact on every engine.
   Returns the kept columns, subscription_no (empty for an unknown subscription), usage_term_no, price_rule_id,
   tax_group_code (empty where no price is found), is_prepaid, has_allowance, rated_milli, free_milli,
   chargeable_milli, kept_millionths and charge_micros (empty without price). Events go through it as numbers,
   and as few as can be: what the rows that leave it need besides is looked up by usage_term_no. #}
{% macro rate_usage(relation, keep, detailed, with_spans=false) %}
select * from (
{{ rate_events(relation, keep, with_spans=with_spans) }}
union all
{{ rate_details(detailed, keep, with_spans=with_spans) }}
) as rated_set
{% endmacro %}

{# The events of ordinary plans. by_month_only leaves those whose price depends on the month, and adds what the month
   measures: measured, weighted, share_micros, fixed_micros, full_micros. An allowance counts the others, too. #}
{% macro rate_events(relation, keep, by_month_only=false, with_spans=false) %}
{%- set columns = keep if 'event_id' in keep else keep + ['event_id'] -%}
{%- set carried = columns + ['counter_no'] + column_names(carried_columns()) -%}
select * from (
with events as (
    select
        {% for column in columns %}u.{{ column }}, {% endfor %}
        s.subscription_no,
        t.usage_term_no,
        {{ kept_of_charge('s', 't.charge_code') }} as kept_millionths,
        u.rating_set as tier_set,
        {{ month_of('u.event_on') }} as tier_month,
        coalesce(t.is_tiered, false) or u.quantity_milli < 0 as is_by_month,
        {{ month_columns() }},
        coalesce(s.is_prepaid, false) as is_prepaid,
        case
            when u.event_on >= t.allowance_from_on and u.event_on < t.allowance_to_on
                then {{ counter_no('u.rating_set', 's.subscription_no', 'u.event_on', 't.allowance_no') }}
        end as counter_no,
        cast({{ month_part('u.event_on', 'u.consume_rank') }} as integer) as month_part,
        {{ consume_place() }} as consume_place,
        case
            when t.increment_point = 'after_allowance' then greatest(0, u.quantity_milli)
            else {{ round_to_increments('u.quantity_milli') }}
        end as wanted_milli
    from (select *, {{ to_milli('quantity') }} as quantity_milli from {{ relation }}) as u
    {% if by_month_only %}
    inner join (
        select distinct p.subscription_id
        from {{ ref('int_customers__rating_periods') }} as p
        inner join {{ ref('int_catalogue__usage_terms') }} as o on p.offering_no = o.offering_no
        where o.is_tiered
        union
        select r.subscription_id from {{ ref('int_usage__event_details') }} as r
        where r.is_reversal
    ) as x on u.subscription_id = x.subscription_id
    {% endif %}
    left join {{ ref('int_catalogue__zone_buckets') }} as z
        on
            {{ head_bucket('u.other_party_number_head') }} = z.bucket_no
            and u.other_party_number_head >= z.from_head
            and u.other_party_number_head < z.to_head
    left join {{ ref('int_customers__rating_periods') }} as s
        on
            u.subscription_id = s.subscription_id
            and u.event_on >= s.valid_from_on
            and u.event_on < s.valid_to_on
    {{ price_row_joins('s.offering_no', 'u.service_code', 'coalesce(z.zone_no, 0)', 'u.event_on',
        clock_milli('u.started_at', 'u.event_on'), is_banded='s.is_banded') }}
    {{ detail_join() }}
    where not coalesce(s.is_detailed, false)
),
{% set splits = {'split_by_month': 'e.is_by_month'} -%}
{% if not by_month_only %}{% do splits.update({'split_by_unit': 'not e.is_by_month'}) %}{% endif -%}
{{ allowance_split('events', splits) }},
{% if not by_month_only %}
by_unit as (
    {{ charged_events('split_by_unit') }}
),
unit_valued as (
    {{ unit_charges('by_unit') }}
),
{% endif %}
by_month as (
    {{ charged_events('split_by_month') }}
),
{{ month_charges('by_month', carried, 'month_valued') }},
valued as (
    {% if by_month_only %}
    select * from month_valued
    {% else %}
    select {{ carried | join(', ') }}, full_micros from unit_valued
    union all
    select {{ carried | join(', ') }}, full_micros from month_valued
    {% endif %}
)
select
    {% for column in keep %}{{ column }}, {% endfor %}
    subscription_no,
    usage_term_no,
    price_rule_id,
    tax_group_code,
    is_prepaid,
    counter_no is not null as has_allowance,
    rated_milli,
    free_milli,
    chargeable_milli,
    kept_millionths,
    {% if by_month_only %}
    {{ part_columns() }}, full_micros,
    {% endif %}
    {{ discounted_micros() }} as charge_micros
    {%- if with_spans %},
    full_micros,
    cast(null as bigint) as span_count,
    cast(null as bigint) as unrounded_micros,
    cast(null as string) as spans_text,
    cast(null as string) as allowances_text,
    cast(null as string) as money_text,
    cast(null as string) as used_allowance_id
    {%- endif %}
from valued
) as rated_events
{% endmacro %}

{# Events with their price row, what is rated and what is left to be charged. #}
{% macro charged_events(relation) %}
    select
        e.*,
        {% for column in ['price_rule_id', 'tax_group_code', 'price_micros', 'unit_milli', 'connect_micros', 'minimum_micros',
                          'maximum_micros', 'rounding_step_micros', 'narrow_milli'] %}t.{{ column }}, {% endfor %}
        case
            when t.increment_point = 'after_allowance' then {{ round_up_to_increments('e.wanted_milli') }}
            else e.wanted_milli
        end as rated_milli,
        case
            when t.increment_point = 'after_allowance' then {{ round_to_increments('(e.wanted_milli - e.free_milli)') }}
            else e.wanted_milli - e.free_milli
        end as chargeable_milli
    from {{ relation }} as e
    left join {{ ref('int_catalogue__usage_terms') }} as t on e.usage_term_no = t.usage_term_no
{% endmacro %}

{# What the discount leaves of a charge: taken from each event and rounded at six decimals. #}
{% macro discounted_micros() -%}
case
        when kept_millionths is null then full_micros
        when full_micros < 0
            then -{{ ratio_micros('(-full_micros)', 'kept_millionths', '1000000', '1', '1000000000000') }}
        else {{ ratio_micros('full_micros', 'kept_millionths', '1000000', '1', '1000000000000') }}
    end
{%- endmacro %}

{# The place of an event (u) among those that share an allowance or a month. #}
{% macro consume_place() -%}
u.consume_rank * 10000000000000000 + {{ epoch_micros('u.started_at') }}
{%- endmacro %}

{# A quantity rounded up to its first increment and then to whole next increments; zero stays zero. #}
{% macro round_up_to_increments(quantity) %}
case
    when {{ quantity }} <= 0 then 0
    when coalesce(t.next_increment_milli, 0) = 0 then {{ quantity }}
    else t.first_increment_milli + {{ integer_divide(
        "greatest(0, " ~ quantity ~ " - t.first_increment_milli) + t.next_increment_milli - 1", "t.next_increment_milli"
    ) }} * t.next_increment_milli
end
{% endmacro %}

{# A quantity rounded to whole increments as its price row (t) says; not below zero. #}
{% macro round_to_increments(quantity) %}
case
    when t.quantity_rounding_mode is null then {{ round_up_to_increments(quantity) }}
    when coalesce(t.next_increment_milli, 0) = 0 then greatest(0, {{ quantity }})
    else {{ divide_rounded('greatest(0, ' ~ quantity ~ ')', 't.next_increment_milli', 't.quantity_rounding_mode') }}
        * t.next_increment_milli
end
{% endmacro %}
