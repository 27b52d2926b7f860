-- the value of each account's one-off charges at every point of the chain, each a complete sum
with

points as (
    select i.charge_month as billing_month, i.account_id, i.gross_micros as expected, 0 as billed
    from {{ ref('int_billing__one_off_items') }} as i
    where i.charge_set = 'entitled' and i.account_id is not null and {{ in_window('i.charge_month') }}
    union all
    select i.charge_month as billing_month, i.account_id, -s.discount_micros as expected, 0 as billed
    from {{ ref('int_billing__one_off_items') }} as i
    inner join {{ ref('int_billing__discount_shares') }} as s on i.charge_key = s.charge_key
    inner join {{ ref('stg_billing__discounts') }} as d on s.discount_id = d.discount_id
    where i.charge_set = 'entitled' and d.charge_type = 'one_off' and {{ in_window('i.charge_month') }}
    union all
    select charge_month as billing_month, account_id, 0 as expected, line_micros as billed
    from {{ ref('int_billing__one_off_lines') }}
),

final as (
    select
        billing_month,
        account_id,
        sum(expected) as expected,
        sum(billed) as billed
    from points
    group by billing_month, account_id
)

select * from final
