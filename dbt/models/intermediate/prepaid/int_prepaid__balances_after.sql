-- what is left of each balance at the end of the window
with

last_steps as (
    select s.*
    from {{ ref('int_prepaid__steps') }} as s
    inner join (
        select subscription_no, max(item_no) as item_no
        from {{ ref('int_prepaid__steps') }}
        group by subscription_no
    ) as l on s.subscription_no = l.subscription_no and s.item_no = l.item_no
),

final as (
    select
        b.subscription_id,
        b.slot_no,
        b.balance_code,
        {{ amount("case when b.slot_no = 0 then " ~ from_micros('s.money_micros') ~ " end") }} as money_amount,
        case b.slot_no
            {% for slot in balance_slots() %}when
                {{ slot }}
                then {{ from_milli('s.units_' ~ slot) }}
            {% endfor %}
        end as left_quantity
    from {{ ref('int_prepaid__balances') }} as b
    inner join last_steps as s on b.subscription_no = s.subscription_no
)

select * from final
