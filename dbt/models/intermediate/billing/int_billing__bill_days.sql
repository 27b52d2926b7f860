-- the bill day of every account, in spans: calendar months where none is set
with

accounts as (
    select
        account_id,
        cast(bill_day as bigint) as bill_day
    from {{ ref('stg_crm__accounts') }}
),

history as (
    select
        account_id,
        cast(bill_day as bigint) as bill_day,
        coalesce(bridge_basis, 'new') as bridge_basis,
        valid_from_on,
        row_number() over (partition by account_id order by valid_from_on) as span_no,
        lead(valid_from_on) over (partition by account_id order by valid_from_on) as next_from_on
    from {{ ref('stg_crm__bill_days') }}
),

spans as (
    select
        account_id, bill_day, bridge_basis,
        case when span_no = 1 then cast('0001-01-01' as date) else valid_from_on end as valid_from_on,
        {{ open_end('next_from_on') }} as valid_to_on
    from history
    union all
    select
        a.account_id, a.bill_day, 'new' as bridge_basis,
        cast('0001-01-01' as date) as valid_from_on, cast('9999-12-31' as date) as valid_to_on
    from accounts as a
    where not exists (
        select 1 from history as h
        where h.account_id = a.account_id
    )
),

final as (
    select
        account_id,
        coalesce(bill_day, 1) as bill_day,
        bill_day is not null as has_bill_day,
        count(*) over (partition by account_id) > 1 as is_changed,
        bridge_basis,
        valid_from_on,
        valid_to_on
    from spans
)

select * from final
