{# The charge of an event in a month: what the month costs with it less what it costs before it. The charges of a
   month add up to what its quantity, amount, peak or level costs, exactly, whatever is rounded. Named steps of a
   statement; the last one is named by result: the columns given, measured, weighted, share_micros, fixed_micros and
   full_micros.

   measured is what the price counts: thousandths of base units, or micro-units of the amount that events carry.
   Events that are only added up, nearly all, go by themselves: one sort of few columns, and their price is looked up
   behind it. Peaks and levels need more: see month_heights. #}
{% macro month_charges(relation, columns, result='valued') %}
month_told as (
    select
        e.*,
        coalesce(m.is_level or m.charge_model = 'capacity' or m.aggregation_type = 'peak', false) as is_height,
        case
            when m.is_of_amount then coalesce(e.amount_micros, 0)
            when e.taken_back_milli > 0 then -e.taken_back_milli
            else e.chargeable_milli
        end as told
    from {{ relation }} as e
    left join {{ ref('int_catalogue__month_prices') }} as m on e.price_rule_id = m.price_rule_id
),
sums_counted as (
    select
        {{ columns | join(', ') }},
        amount_micros,
        told as measured,
        {{ month_counts('told') }}
    from month_told
    where not is_height
),
sums_placed as (
    select
        *,
        greatest(used - measured, 0) as used_before
    from sums_counted
),
sums_priced as (
    select
        e.*,
        {{ month_price_columns() }},
        {% for column in ['price_micros', 'unit_milli', 'connect_micros', 'minimum_micros', 'maximum_micros',
                          'rounding_step_micros'] %}t.{{ column }}, {% endfor %}
        {{ reached_columns('t', 'm') }}
    from sums_placed as e
    left join {{ ref('int_catalogue__usage_terms') }} as t on e.usage_term_no = t.usage_term_no
    left join {{ ref('int_catalogue__month_prices') }} as m on e.price_rule_id = m.price_rule_id
    {{ tier_join('a', 'e.used', 'm.has_tiers') }}
    {{ tier_join('b', 'e.used_before', 'm.has_tiers') }}
),
sums_rounded as (
    select
        *,
        {{ rounded_columns() }}
    from sums_priced
),
sums_charged as (
    select
        *,
        {{ own_micros() }} as own_micros
    from sums_rounded
),
{{ month_heights('month_told', 'heights_valued') }},
{{ result }} as (
    select
        {{ columns | join(', ') }}, measured,
        measured * 1000 as weighted,
        {{ share_micros() }} as share_micros,
        {{ fixed_micros() }} as fixed_micros,
        cast({{ event_micros() }} as bigint) as full_micros
    from sums_charged
    union all
    select {{ columns | join(', ') }}, measured, weighted, share_micros, fixed_micros, full_micros
    from heights_valued
)
{% endmacro %}

{# A month of a price, and the order of its events. #}
{% macro month_of_price() %}tier_set, subscription_no, tier_month, price_rule_id{% endmacro %}

{% macro in_month_order() %}order by consume_place, event_id, wanted_milli rows between unbounded preceding and{% endmacro %}

{# What the month holds with an event, what in all, and the number of the event. #}
{% macro month_counts(measured) -%}
cast(sum({{ measured }}) over (partition by {{ month_of_price() }} {{ in_month_order() }} current row) as bigint) as used,
        cast(sum({{ measured }}) over (partition by {{ month_of_price() }}) as bigint) as month_total,
        row_number() over (partition by {{ month_of_price() }} order by consume_place, event_id, wanted_milli) as event_no
{%- endmacro %}

{# What a price of the month (m) says. #}
{% macro month_price_columns() -%}
coalesce(m.charge_model, 'per_unit') as charge_model,
        coalesce(m.has_tiers, false) as has_tiers,
        coalesce(m.is_of_amount, false) as is_of_amount,
        coalesce(m.rounding_mode, 'half_up') as rounding_mode,
        m.rate_billionths
{%- endmacro %}

{# What the month costs with an event (e) and before it by its tiers (a and b), and what of its amount is free: within
   the first events, within the first of the amount, or both. #}
{% macro reached_columns(term, price) -%}
a.price_rule_id is not null as is_in_tier,
        coalesce(a.unit_milli, {{ term }}.unit_milli) as reached_unit_milli,
        coalesce(b.unit_milli, {{ term }}.unit_milli) as left_unit_milli,
        {{ tier_base('e.used', 'a') }} as used_base_micros,
        {{ tier_numerator('e.used', 'a') }} as used_numerator,
        {{ tier_base('e.used_before', 'b') }} as before_base_micros,
        {{ tier_numerator('e.used_before', 'b') }} as before_numerator,
        case
            when coalesce({{ price }}.free_event_count, 0) = 0 and coalesce({{ price }}.free_micros, 0) = 0 then 0
            when {{ price }}.free_event_count > 0 and e.event_no > {{ price }}.free_event_count then 0
            when {{ price }}.free_micros > 0 then greatest(0, least(e.measured, {{ price }}.free_micros - e.used_before))
            else e.measured
        end as free_of_amount,
        coalesce(
            ({{ price }}.free_event_count > 0 or {{ price }}.free_micros > 0)
            and ({{ price }}.free_event_count = 0 or e.event_no <= {{ price }}.free_event_count)
            and ({{ price }}.free_micros = 0 or e.used <= {{ price }}.free_micros), false
        ) as is_free_event
{%- endmacro %}

{# The same rounded, and what the event costs by its own amount or quantity, still to be divided. #}
{% macro rounded_columns() -%}
{{ wide_integer(divide_rounded('used_numerator', '(reached_unit_milli * rounding_step_micros)', 'rounding_mode')) }}
            * rounding_step_micros + used_base_micros as used_micros,
        {{ wide_integer(divide_rounded('before_numerator', '(left_unit_milli * rounding_step_micros)', 'rounding_mode')) }}
            * rounding_step_micros + before_base_micros as before_micros,
        case
            when is_of_amount then {{ wide_integer('measured - free_of_amount') }} * coalesce(rate_billionths, 0)
            else {{ wide_integer('measured') }} * price_micros
        end as own_numerator,
        case
            when is_of_amount then {{ wide_integer('1000000000') }} * rounding_step_micros
            else {{ wide_integer('unit_milli') }} * rounding_step_micros
        end as own_denominator
{%- endmacro %}

{% macro own_micros() -%}
{{ divide_rounded('own_numerator', 'own_denominator', 'rounding_mode') }} * rounding_step_micros
{%- endmacro %}

{# The charge of an event that adds to its month: by tiers, or by itself. #}
{% macro event_micros() -%}
{%- set base = 'case when has_tiers then used_micros - before_micros else own_micros end' -%}
case
            when price_rule_id is null then null
            when is_of_amount and amount_micros is null then null
            when measured = 0 and not (charge_model = 'percentage' and not is_free_event) then 0
            when charge_model = 'percentage' and is_free_event then 0
            when has_tiers and not is_in_tier and used > 0 then null
            when measured < 0 then {{ base }} - connect_micros
            else {{ bounded_micros(base) }}
        end
{%- endmacro %}

{# Its parts that are no matter of tiers: a share of its amount, and the connect fee. #}
{% macro share_micros() -%}
cast(case
            when charge_model = 'percentage' and not is_free_event then own_micros
            when charge_model = 'dynamic' then own_micros
            else 0
        end as bigint)
{%- endmacro %}

{% macro fixed_micros() -%}
case
            when charge_model = 'percentage' and is_free_event then 0
            when measured < 0 then -connect_micros
            when measured > 0 or charge_model = 'percentage' then connect_micros
            else 0
        end
{%- endmacro %}

{# The tier in which a quantity ends: the one that the month reaches, where all of it is charged there. #}
{% macro tier_join(alias, quantity, condition) %}
left join {{ ref('int_catalogue__usage_tiers') }} as {{ alias }}
    on
        {{ condition }}
        and e.price_rule_id = {{ alias }}.price_rule_id
        and case when {{ alias }}.is_by_total then e.month_total else {{ quantity }} end > {{ alias }}.from_milli
        and case when {{ alias }}.is_by_total then e.month_total else {{ quantity }} end <= {{ alias }}.to_milli
{% endmacro %}

{# What a quantity costs: fixed amounts and whole units, and what is still to be divided by the unit. #}
{% macro tier_base(quantity, tier) %}
case
    when {{ quantity }} <= 0 or {{ tier }}.price_rule_id is null then 0
    when {{ tier }}.is_stepped then {{ tier }}.base_micros + {{ tier }}.price_micros * {{ integer_divide(
        quantity ~ " - " ~ tier ~ ".start_milli + " ~ tier ~ ".unit_milli - 1", tier ~ ".unit_milli"
    ) }}
    else {{ tier }}.base_micros
end
{% endmacro %}

{% macro tier_numerator(quantity, tier) %}
case
    when {{ quantity }} <= 0 or {{ tier }}.price_rule_id is null or {{ tier }}.is_stepped then {{ wide_integer('0') }}
    else {{ tier }}.base_numerator + {{ wide_integer(quantity ~ " - " ~ tier ~ ".start_milli") }} * {{ tier }}.price_micros
end
{% endmacro %}

{# What month_charges needs of an event (u): its local day, what its record tells besides (r, of detail_join), and
   what a reversal takes back; that comes from no allowance. #}
{% macro month_columns() %}
u.event_on as level_on,
        r.amount_micros,
        r.active_milli,
        r.metric_code,
        greatest(0, -u.quantity_milli) as taken_back_milli
{%- endmacro %}

{% macro detail_join() -%}
left join {{ ref('int_usage__event_details') }} as r on u._file_hash = r._file_hash and u._source_row = r._source_row
{%- endmacro %}
