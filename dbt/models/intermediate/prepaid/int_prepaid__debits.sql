-- each prepaid event with what it took from which balance, its cost in money, and what is left of it
{%- set slots = balance_slots() %}
with

balances as (
    select * from {{ ref('int_prepaid__balances') }}
),

final as (
    select
        e.event_id,
        {{ month_of('e.event_on') }} as event_month,
        e.subscription_id,
        e.service_id,
        e.service_code,
        e.zone_code,
        e.started_at,
        {{ from_milli('e.quantity_milli') }} as quantity,
        e.unit_code,
        case
            when s.is_rejected then {{ from_milli('0') }}
            else {{ from_milli('(' ~ taken_sum('s') ~ ' + s.charged_milli)') }}
        end as debited_quantity,
        case
            when s.is_rejected then {{ from_milli('0') }} else {{ from_milli('s.charged_milli') }}
        end as charged_quantity,
        {% for slot in slots -%}
        case when s.taken_{{ slot }} > 0 then b{{ slot }}.balance_code end as balance_{{ slot }}_code,
        {{ from_milli('s.taken_' ~ slot) }} as balance_{{ slot }}_quantity,
        {% endfor -%}
        case when s.is_rejected then {{ amount('0') }} else {{ from_micros('s.cost_micros') }} end as cost_amount,
        case when s.is_rejected then {{ from_micros('s.cost_micros') }} end as wanted_amount,
        {{ from_micros('s.money_micros') }} as money_after_amount,
        s.is_rejected,
        case
            when s.is_rejected and e.price_rule_id is null then 'NO_PRICE'
            when s.is_rejected then 'NO_MONEY'
        end as reason_code,
        e.price_rule_id,
        coalesce(e.currency_code, '{{ var("currency_code") }}') as currency_code,
        i.item_no,
        e._source_file,
        e._source_row,
        e._file_hash
    from {{ ref('int_prepaid__items') }} as i
    inner join {{ ref('int_prepaid__steps') }} as s on i.subscription_no = s.subscription_no and i.item_no = s.item_no
    inner join {{ ref('int_prepaid__events') }} as e
        on i.item_id = e.event_id and i._file_hash = e._file_hash and i._source_row = e._source_row
    {% for slot in slots -%}
    left join
        balances as b{{ slot }}
        on s.subscription_no = b{{ slot }}.subscription_no and b{{ slot }}.slot_no = {{ slot }}
    {% endfor -%}
    where i.item_type = 'event'
)

select * from final
