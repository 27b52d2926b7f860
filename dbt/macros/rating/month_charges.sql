{# The charge of an event in a month: what the month costs with it less what it costs before it. The charges of a
   month add up to what its quantity, amount, peak or level costs, exactly, whatever is rounded. Named steps of a
   statement; the last one is named by result.

   measured is what the price counts: thousandths of base units, or micro-units of the amount that events carry. Of a
   peak an event measures what it adds to it. A level is charged for the part of the month each change holds; its
   parts are kept in millionths of a micro-unit. #}
{% macro month_charges(relation, result='valued') %}
{%- set month = "tier_set, subscription_no, tier_month, price_rule_id" -%}
{%- set in_order = "order by consume_place, event_id, wanted_milli rows between unbounded preceding and" -%}
month_details as (
    select
        e.*,
        coalesce(m.charge_model, 'per_unit') as charge_model,
        coalesce(m.has_tiers, false) as has_tiers,
        coalesce(m.is_of_amount, false) as is_of_amount,
        coalesce(m.is_level, false) as is_level,
        coalesce(m.aggregation_type, 'sum') as aggregation_type,
        coalesce(m.rounding_mode, 'half_up') as rounding_mode,
        m.rate_billionths,
        m.free_event_count,
        m.free_micros,
        d.amount_micros,
        d.active_milli,
        coalesce(d.metric_code, '') as metric_code,
        case
            when m.is_of_amount then coalesce(d.amount_micros, 0)
            when e.taken_back_milli > 0 then -e.taken_back_milli
            else e.chargeable_milli
        end as told
    from {{ relation }} as e
    left join {{ ref('int_catalogue__month_prices') }} as m on e.price_rule_id = m.price_rule_id
    left join {{ ref('int_usage__event_details') }} as d
        on e.record_file_hash = d._file_hash and e.record_source_row = d._source_row
),
month_measured as (
    select
        *,
        case
            when aggregation_type = 'peak' and charge_model <> 'capacity'
                then greatest(0, told - greatest(0, coalesce(
                    max(told) over (partition by {{ month }}, metric_code {{ in_order }} 1 preceding), 0
                )))
            else told
        end as measured
    from month_details
),
month_counted as (
    select
        *,
        cast(sum(measured) over (partition by {{ month }} {{ in_order }} current row) as bigint) as used,
        cast(sum(measured) over (partition by {{ month }}) as bigint) as month_total,
        row_number() over (partition by {{ month }} order by consume_place, event_id, wanted_milli) as event_no
    from month_measured
),
month_fitted as (
    select
        c.*,
        coalesce(k.tier_no, 1000000) as fit_no
    from month_counted as c
    left join {{ ref('int_catalogue__usage_tiers') }} as k
        on
            c.charge_model = 'capacity'
            and c.price_rule_id = k.price_rule_id
            and c.metric_code = k.metric_code
            and c.told > k.from_milli
            and c.told <= k.to_milli
),
month_placed as (
    select
        *,
        greatest(used - measured, 0) as used_before,
        max(used) over (partition by {{ month }} {{ in_order }} current row) as highest,
        max(fit_no) over (partition by {{ month }} {{ in_order }} current row) as capacity_no,
        max(fit_no) over (partition by {{ month }} {{ in_order }} 1 preceding) as capacity_before_no
    from month_fitted
),
month_priced as (
    select
        e.*,
        a.price_rule_id is not null as is_in_tier,
        a.base_micros as reached_base_micros,
        coalesce(a.unit_milli, e.unit_milli) as reached_unit_milli,
        coalesce(b.unit_milli, e.unit_milli) as left_unit_milli,
        coalesce(f.base_micros, 0) as flats_micros,
        {{ tier_base('e.used', 'a') }} as used_base_micros,
        {{ tier_numerator('e.used', 'a') }} as used_numerator,
        {{ tier_base('e.used_before', 'b') }} as before_base_micros,
        {{ tier_numerator('e.used_before', 'b') }} as before_numerator,
        case
            when e.charge_model = 'graduated' then {{ tier_numerator('e.used', 'a') }} - {{ tier_numerator('e.used_before', 'b') }}
            when e.charge_model = 'volume' then {{ wide_integer('e.measured') }} * coalesce(a.price_micros, 0)
            else {{ wide_integer('e.measured') }} * e.price_micros
        end as level_numerator,
        case
            when e.active_milli is not null then abs(e.active_milli)
            when e.aggregation_type = 'level_time' then {{ seconds_left('e.started_second', 'e.tier_month') }}
            else {{ days_between('e.level_on', add_months_to('e.tier_month', 1)) }}
        end as share_part,
        case
            when e.active_milli is not null then greatest(abs(e.measured), 1)
            when e.aggregation_type = 'level_time' then {{ seconds_of_month('e.tier_month') }}
            else {{ days_between('e.tier_month', add_months_to('e.tier_month', 1)) }}
        end as share_whole,
        n.price_micros as capacity_micros,
        p.price_micros as capacity_before_micros,
        -- what of the amount is free: within the first events, within the first of the amount, or both
        case
            when coalesce(e.free_event_count, 0) = 0 and coalesce(e.free_micros, 0) = 0 then 0
            when e.free_event_count > 0 and e.event_no > e.free_event_count then 0
            when e.free_micros > 0 then greatest(0, least(e.measured, e.free_micros - e.used_before))
            else e.measured
        end as free_of_amount,
        coalesce(
            (e.free_event_count > 0 or e.free_micros > 0)
            and (e.free_event_count = 0 or e.event_no <= e.free_event_count)
            and (e.free_micros = 0 or e.used <= e.free_micros), false
        ) as is_free_event
    from month_placed as e
    {{ tier_join('a', 'e.used') }}
    {{ tier_join('b', 'e.used_before') }}
    {{ tier_join('f', 'e.highest', 'e.is_level and ') }}
    left join {{ ref('int_catalogue__capacity_prices') }} as n
        on e.charge_model = 'capacity' and e.price_rule_id = n.price_rule_id and e.capacity_no = n.tier_no
    left join {{ ref('int_catalogue__capacity_prices') }} as p
        on e.charge_model = 'capacity' and e.price_rule_id = p.price_rule_id and e.capacity_before_no = p.tier_no
),
month_rounded as (
    select
        *,
        {{ wide_integer(divide_rounded('used_numerator', '(reached_unit_milli * rounding_step_micros)', 'rounding_mode')) }}
            * rounding_step_micros + used_base_micros as used_micros,
        {{ wide_integer(divide_rounded('before_numerator', '(left_unit_milli * rounding_step_micros)', 'rounding_mode')) }}
            * rounding_step_micros + before_base_micros as before_micros,
        abs(level_numerator) * 1000000 * share_part as level_part,
        {{ wide_integer('reached_unit_milli') }} * share_whole as level_whole,
        case
            when is_of_amount
                then {{ wide_integer('measured - free_of_amount') }} * coalesce(rate_billionths, 0)
            else {{ wide_integer('measured') }} * price_micros
        end as own_numerator,
        case
            when is_of_amount then {{ wide_integer('1000000000') }} * rounding_step_micros
            else {{ wide_integer('unit_milli') }} * rounding_step_micros
        end as own_denominator,
        {{ wide_integer('abs(measured)') }} * 1000 * case when is_level then share_part else 1 end as weight_part,
        {{ wide_integer('1') }} * case when is_level then share_whole else 1 end as weight_whole
    from month_priced
),
month_summed as (
    select
        *,
        {{ divide_rounded('own_numerator', 'own_denominator', 'rounding_mode') }} * rounding_step_micros as own_micros,
        cast(case when measured < 0 then -1 else 1 end * {{ divide_rounded('weight_part', 'weight_whole', "'half_up'") }} as bigint)
            as weighted,
        sum(case when level_numerator < 0 then -1 else 1 end * {{ divide_rounded('level_part', 'level_whole', "'half_up'") }})
            over (partition by {{ month }} {{ in_order }} current row) as level_sum,
        {{ wide_integer('rounding_step_micros') }} * 1000000 as level_step
    from month_rounded
),
month_levels as (
    select
        *,
        case
            when not is_level or used < 0 then 0
            else greatest(0, {{ divide_rounded('level_sum', 'level_step', 'rounding_mode') }} * rounding_step_micros + case
                when charge_model = 'volume' then coalesce(reached_base_micros, 0)
                else flats_micros
            end)
        end as level_micros
    from month_summed
),
{{ result }} as (
    select
        *,
        cast(case
            when price_rule_id is null then null
            when is_of_amount and amount_micros is null then null
            when charge_model = 'capacity' then capacity_micros - coalesce(capacity_before_micros, 0)
            when is_level and charge_model <> 'per_unit' and not is_in_tier and used > 0 then null
            when is_level then level_micros - coalesce(lag(level_micros) over (
                partition by {{ month }} order by consume_place, event_id, wanted_milli
            ), 0)
            when measured = 0 and not (charge_model = 'percentage' and not is_free_event) then 0
            when charge_model = 'percentage' and is_free_event then 0
            when has_tiers and not is_in_tier and used > 0 then null
            when measured < 0 then case when has_tiers then used_micros - before_micros else own_micros end - connect_micros
            else {{ bounded_micros('case when has_tiers then used_micros - before_micros else own_micros end') }}
        end as bigint) as full_micros,
        cast(case
            when charge_model = 'percentage' and not is_free_event then own_micros
            when charge_model = 'dynamic' then own_micros
            else 0
        end as bigint) as share_micros,
        case
            when is_level or charge_model = 'capacity' or (charge_model = 'percentage' and is_free_event) then 0
            when measured < 0 then -connect_micros
            when measured > 0 or charge_model = 'percentage' then connect_micros
            else 0
        end as fixed_micros
    from month_levels
)
{% endmacro %}

{# The tier in which a quantity ends: the one that the month reaches, where all of it is charged there. #}
{% macro tier_join(alias, quantity, condition='') %}
left join {{ ref('int_catalogue__usage_tiers') }} as {{ alias }}
    on
        {{ condition }}e.has_tiers
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

{# Seconds from a moment to the end of its month, and of the whole month. #}
{% macro seconds_left(second, month) %}
({{ epoch_seconds('cast(' ~ add_months_to(month, 1) ~ ' as timestamp)') }} - {{ second }})
{% endmacro %}

{% macro seconds_of_month(month) %}
({{ days_between(month, add_months_to(month, 1)) }} * 86400)
{% endmacro %}

{# What month_charges needs of an event (u): its local day and second, its record, and what a reversal takes back;
   that comes from no allowance. #}
{% macro month_columns() %}
u.event_on as level_on,
        {{ integer_divide(local_micros(epoch_micros('u.started_at')), '1000000') }} as started_second,
        u._file_hash as record_file_hash,
        u._source_row as record_source_row,
        {{ to_milli('greatest(0, -u.quantity)') }} as taken_back_milli
{%- endmacro %}
