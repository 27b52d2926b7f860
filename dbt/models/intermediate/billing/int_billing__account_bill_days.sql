-- the bill day of each account, and whether it ever moves: periods are then the account's own
with

final as (
    select
        account_id,
        min(bill_day) as bill_day,
        bool_or(has_bill_day) as has_bill_day,
        bool_or(is_changed) as is_changed
    from {{ ref('int_billing__bill_days') }}
    group by account_id
)

select * from final
