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
{{ rate_events(relation, keep, is_tiered=false, with_spans=with_spans) }}
union all
{{ rate_events(relation, keep, is_tiered=true, with_spans=with_spans) }}
union all
{{ rate_details(detailed, keep, with_spans=with_spans) }}
) as rated_set
{% endmacro %}

{# The events whose price does (or does not) depend on the month. Without such prices the second look at the events
   ends before it reads any. with_parts adds what the month measures: measured, weighted, share_micros, fixed_micros. #}
{% macro rate_events(relation, keep, is_tiered, with_parts=false, with_spans=false) %}
{%- set columns = keep if 'event_id' in keep else keep + ['event_id'] -%}
select * from (
with events as (
    select
        {% for column in columns %}u.{{ column }}, {% endfor %}
        s.subscription_no,
        t.usage_term_no,
        {{ kept_of_charge('s', 't.charge_code') }} as kept_millionths,
        {% if is_tiered %}
        u.rating_set as tier_set,
        {{ month_of('u.event_on') }} as tier_month,
        {{ month_columns() }},
        {% endif %}
        coalesce(s.is_prepaid, false) as is_prepaid,
        case
            when u.event_on >= t.allowance_from_on and u.event_on < t.allowance_to_on
                then {{ counter_no('u.rating_set', 's.subscription_no', 'u.event_on', 't.allowance_no') }}
        end as counter_no,
        cast({{ month_part('u.event_on', 'u.consume_rank') }} as integer) as month_part,
        u.consume_rank * 10000000000000000 + {{ epoch_micros('u.started_at') }} as consume_place,
        case
            when t.increment_point = 'after_allowance' then greatest(0, {{ to_milli('u.quantity') }})
            {% if is_tiered %}
            when coalesce(m.quantity_rounding_mode, 'up') not in ('up', 'ceil')
                then {{ round_to_increments('greatest(0, ' ~ to_milli('u.quantity') ~ ')') }}
            {% endif %}
            else {{ round_up_to_increments(to_milli('u.quantity')) }}
        end as wanted_milli
    from {{ relation }} as u
    {% if is_tiered %}
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
        'case when s.is_banded then ' ~ clock_milli('u.started_at', 'u.event_on') ~ ' end') }}
    {% if is_tiered %}
    left join {{ ref('int_catalogue__month_prices') }} as m on t.price_rule_id = m.price_rule_id
    {% endif %}
    where not coalesce(s.is_detailed, false) and {{ '(t.is_tiered or u.quantity < 0)' if is_tiered else 'not coalesce(t.is_tiered, false) and u.quantity >= 0' }}
),
{{ allowance_split('events') }},
charged as (
    select
        e.*,
        t.price_rule_id,
        t.tax_group_code,
        t.price_micros,
        t.unit_milli,
        t.connect_micros,
        t.minimum_micros,
        t.maximum_micros,
        t.rounding_step_micros,
        t.narrow_milli,
        case
            when t.increment_point = 'after_allowance' then {{ round_up_to_increments('e.wanted_milli') }}
            else e.wanted_milli
        end as rated_milli,
        case
            {% if is_tiered %}
            when t.increment_point = 'after_allowance' and coalesce(m.quantity_rounding_mode, 'up') not in ('up', 'ceil')
                then {{ round_to_increments('(e.wanted_milli - e.free_milli)') }}
            {% endif %}
            when t.increment_point = 'after_allowance'
                then {{ round_up_to_increments('(e.wanted_milli - e.free_milli)') }}
            else e.wanted_milli - e.free_milli
        end as chargeable_milli
    from split as e
    left join {{ ref('int_catalogue__usage_terms') }} as t on e.usage_term_no = t.usage_term_no
    {% if is_tiered %}
    left join {{ ref('int_catalogue__month_prices') }} as m on t.price_rule_id = m.price_rule_id
    {% endif %}
),
{% if is_tiered %}
{{ month_charges('charged') }}
{% else %}
valued as (
    {{ unit_charges('charged') }}
)
{% endif %}
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
    {% if with_parts %}
    measured, weighted, share_micros, fixed_micros, full_micros,
    {% endif %}
    -- the discount is taken from each event and rounded at six decimals
    case
        when kept_millionths is null then full_micros
        {% if is_tiered %}
        when full_micros < 0 then -{{ ratio_micros('(-full_micros)', 'kept_millionths', '1000000', '1', '1000000000000') }}
        {% endif %}
        else {{ ratio_micros('full_micros', 'kept_millionths', '1000000', '1', '1000000000000') }}
    end as charge_micros
    {%- if with_spans %},
    {% if not with_parts %}full_micros,{% endif %}
    cast(null as bigint) as span_count,
    cast(null as bigint) as unrounded_micros,
    cast(null as string) as spans_text,
    cast(null as string) as allowances_text,
    cast(null as string) as money_text,
    cast(null as string) as used_allowance_id
    {%- endif %}
from valued
) as rated_{{ 'by_tiers' if is_tiered else 'by_units' }}
{% endmacro %}

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

{# A quantity rounded to whole increments as its price (m) says. #}
{% macro round_to_increments(quantity) %}
case
    when coalesce(t.next_increment_milli, 0) = 0 then {{ quantity }}
    else {{ divide_rounded(quantity, 't.next_increment_milli', 'm.quantity_rounding_mode') }} * t.next_increment_milli
end
{% endmacro %}
