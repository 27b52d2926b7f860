-- what balances begin with and what is put on them in the window, with the moments at which it lapses
with

balances as (
    select * from {{ ref('int_prepaid__balances') }}
),

-- the last snapshot before the window, else the first one in it
opening as (
    select *
    from (
        select
            *,
            row_number() over (
                partition by subscription_id, balance_code
                order by
                    case when {{ local_day('snapshot_at') }} <= {{ window_from() }} then 0 else 1 end,
                    case
                        when
                            {{ local_day('snapshot_at') }} <= {{ window_from() }}
                            then {{ epoch_micros('snapshot_at') }}
                    end desc,
                    snapshot_at
            ) as snapshot_rank
        from {{ ref('stg_billing__balance_snapshots') }}
    ) as ranked
    where snapshot_rank = 1
),

topups as (
    select t.*
    from {{ ref('stg_billing__topups') }} as t
    left join opening as o
        on t.subscription_id = o.subscription_id and coalesce(t.balance_code, o.balance_code) = o.balance_code
    where
        {{ local_day('t.topped_up_at') }} < {{ window_to() }}
        and (
            t.topped_up_at >= o.snapshot_at
            or (o.snapshot_at is null and {{ local_day('t.topped_up_at') }} >= {{ window_from() }})
        )
),

final as (
    select
        c.credit_id,
        b.subscription_no,
        c.subscription_id,
        b.slot_no,
        b.balance_code,
        c.credited_at,
        c.expires_at,
        case when b.slot_no = 0 then {{ to_micros('c.credit') }} else {{ to_milli('c.credit') }} end as item_units
    from (
        select
            concat('opening ', balance_code) as credit_id, subscription_id, balance_code,
            snapshot_at as credited_at, expires_at, balance_amount as credit
        from opening
        union all
        select
            topup_id as credit_id, subscription_id, balance_code,
            topped_up_at as credited_at, expires_at, topup_amount + coalesce(bonus_amount, 0) as credit
        from topups
    ) as c
    left join {{ ref('stg_billing__balance_definitions') }} as d on c.balance_code = d.balance_code
    inner join balances as b
        on
            c.subscription_id = b.subscription_id
            and case when d.balance_type = 'unit' then c.balance_code = b.balance_code else b.slot_no = 0 end
)

select * from final
