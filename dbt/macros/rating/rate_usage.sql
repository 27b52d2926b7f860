{# Rates a set of usage events: plan, zone, price, increments, allowance in event order, charge, discount.

   The relation has rating_set (a whole number below 32), subscription_id, service_code, event_on, started_at,
   event_id, consume_rank, quantity and other_party_number_head, and the columns named in keep. Each rating_set
   is rated by itself; within one, an allowance is consumed by consume_rank, started_at, event_id.
   Quantities are in thousandths of base units, money in micro-units: whole numbers, exact on every engine.
   Returns the kept columns, subscription_no (or unknown_subscription_id where it has no plan), usage_term_no,
   product_offering_id, zone_code, price_rule_id, tax_group_code, allowance_id, is_prepaid, rated_milli, free_milli, chargeable_milli, discount_ratio and charge_micros (null where no
   price is found). Look-ups go by numbers, and texts are fetched last: that is what makes it fast. #}
{% macro rate_usage(relation, keep) %}
{%- set columns = keep if 'event_id' in keep else keep + ['event_id'] -%}
select * from (
with events as (
    select
        {% for column in columns %}u.{{ column }}, {% endfor %}
        s.subscription_no,
        case when s.subscription_no is null then u.subscription_id end as unknown_subscription_id,
        t.usage_term_no,
        s.kept_millionths,
        coalesce(s.is_prepaid, false) as is_prepaid,
        case when t.usage_term_no is null then s.product_offering_id end as unpriced_offering_id,
        case when t.usage_term_no is null then z.zone_code end as unpriced_zone_code,
        case
            when u.event_on >= t.allowance_from_on and u.event_on < t.allowance_to_on
                then {{ counter_no('u.rating_set', 's.subscription_no', 'u.event_on', 't.allowance_no') }}
        end as counter_no,
        u.consume_rank * 10000000000000000 + {{ epoch_micros('u.started_at') }} as consume_place,
        case
            when t.increment_point = 'after_allowance' then greatest(0, cast(u.quantity * 1000 as bigint))
            else {{ round_up_to_increments('cast(u.quantity * 1000 as bigint)') }}
        end as wanted_milli
    from {{ relation }} as u
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
    left join {{ ref('int_catalogue__usage_terms') }} as t
        on
            s.offering_no = t.offering_no
            and u.service_code = t.service_code
            and coalesce(z.zone_no, 0) = t.zone_no
            and u.event_on >= t.valid_from_on
            and u.event_on < t.valid_to_on
),
{{ allowance_split('events') }},
charged as (
    select
        e.*,
        t.product_offering_id,
        t.event_zone_code,
        t.price_rule_id,
        t.tax_group_code,
        t.allowance_id,
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
            when t.increment_point = 'after_allowance'
                then {{ round_up_to_increments('(e.wanted_milli - e.free_milli)') }}
            else e.wanted_milli - e.free_milli
        end as chargeable_milli
    from split as e
    left join {{ ref('int_catalogue__usage_terms') }} as t on e.usage_term_no = t.usage_term_no
),
valued as (
    select
        *,
        case
            when usage_term_no is null then null
            when chargeable_milli = 0 then 0
            else least(
                greatest(
                    {{ ratio_micros(
                        'chargeable_milli', 'price_micros', 'unit_milli', 'rounding_step_micros', 'narrow_milli'
                    ) }} + connect_micros,
                    minimum_micros
                ),
                coalesce(maximum_micros, 999999999999999999)
            )
        end as full_micros
    from charged
)
select
    {% for column in keep %}{{ column }}, {% endfor %}
    subscription_no,
    unknown_subscription_id,
    usage_term_no,
    coalesce(product_offering_id, unpriced_offering_id) as product_offering_id,
    coalesce(nullif(event_zone_code, '(none)'), unpriced_zone_code) as zone_code,
    price_rule_id,
    tax_group_code,
    case when counter_no is not null then allowance_id end as allowance_id,
    is_prepaid,
    rated_milli,
    free_milli,
    chargeable_milli,
    cast(1 - cast(kept_millionths as decimal(9, 0)) * cast(0.000001 as decimal(7, 6)) as decimal(9, 6))
        as discount_ratio,
    -- the discount is taken from each event and rounded at six decimals
    case
        when kept_millionths is null then full_micros
        else {{ ratio_micros('full_micros', 'kept_millionths', '1000000', '1', '1000000000000') }}
    end as charge_micros
from valued
) as rated_set
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
