{# The discounts of a bill, one after the other. charges: charge_key, step_micros, gross_micros, taken_micros,
   chargeable_milli; grants: see int_billing__discount_steps. Gives CTEs up to state_COUNT with share_1 to share_COUNT. #}
{% macro discount_steps(charges, grants, count) %}
state_0 as (
    select
        charge_key, minor_step_micros, gross_micros, taken_micros, chargeable_milli,
        false as is_closed
    from {{ charges }}
),
{% for step in range(1, count + 1) %}
granted_{{ step }} as (
    select
        s.*,
        g.group_key,
        g.discount_type,
        g.discount_micros,
        g.rate_millionths,
        g.free_milli,
        g.ceiling_millionths,
        g.is_exclusive,
        g.is_additive,
        s.minor_step_micros as booked_step_micros,
        case when g.is_exact then 1 else s.minor_step_micros end as step_micros,
        case
            when g.charge_key is null or s.is_closed or (g.is_exclusive and s.taken_micros <> 0) then 0
            when g.scope_type = 'line' and g.discount_type <> 'amount' then abs(s.gross_micros - s.taken_micros)
            else greatest(s.gross_micros - s.taken_micros, 0)
        end as weight_micros,
        case when s.gross_micros < 0 then -1 else 1 end as sign_no
    from state_{{ step - 1 }} as s
    left join {{ grants }} as g on s.charge_key = g.charge_key and g.step_no = {{ step }}
),
summed_{{ step }} as (
    select
        *,
        sum(weight_micros) over (partition by group_key) as open_micros,
        sum(case when weight_micros > 0 then abs(gross_micros) else 0 end) over (partition by group_key) as full_micros,
        sum(case when weight_micros > 0 then abs(taken_micros) else 0 end) over (partition by group_key) as gone_micros,
        sum(case when weight_micros > 0 then chargeable_milli else 0 end) over (partition by group_key) as used_milli
    from granted_{{ step }}
),
wanted_{{ step }} as (
    select
        *,
        cast(case
            when group_key is null or open_micros = 0 then 0
            when discount_type = 'percent' then {{ ratio_micros(
                'case when is_additive then full_micros else open_micros end', 'rate_millionths', '1000000',
                'booked_step_micros'
            ) }}
            when discount_type = 'amount' then {{ round_to_step('discount_micros', 'booked_step_micros') }}
            when used_milli > 0 then {{ ratio_micros(
                'open_micros', 'least(free_milli, used_milli)', 'used_milli', 'booked_step_micros'
            ) }}
            else 0
        end as bigint) as wanted_micros,
        cast(case
            when ceiling_millionths is null then open_micros
            else {{ ratio_micros('full_micros', 'ceiling_millionths', '1000000', 'booked_step_micros') }} - gone_micros
        end as bigint) as ceiling_micros
    from summed_{{ step }}
),
capped_{{ step }} as (
    select
        *,
        cast(greatest(0, least(wanted_micros, open_micros, ceiling_micros)) as bigint) as total_micros
    from wanted_{{ step }}
),
shared_{{ step }} as (
    {{ spread('capped_' ~ step, 'group_key', 'charge_key') }}
),
state_{{ step }} as (
    select
        charge_key, minor_step_micros, gross_micros, chargeable_milli,
        {% for earlier in range(1, step) %}share_{{ earlier }}, {% endfor %}
        cast(case when weight_micros > 0 then sign_no * share_micros else 0 end as bigint) as share_{{ step }},
        cast(taken_micros + case when weight_micros > 0 then sign_no * share_micros else 0 end as bigint) as taken_micros,
        is_closed or coalesce(is_exclusive and weight_micros > 0 and share_micros <> 0, false) as is_closed
    from shared_{{ step }}
),
{% endfor %}
{% endmacro %}
