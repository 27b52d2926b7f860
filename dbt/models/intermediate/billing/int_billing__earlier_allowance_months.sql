-- months before the window whose usage says what a roll-over has left, for accounts that hold such an allowance
with

holders as (
    select distinct h.account_id
    from {{ ref('int_customers__service_history') }} as h
    inner join {{ ref('stg_billing__allowances') }} as a on h.product_offering_id = a.product_offering_id
    where a.is_rolled_over and a.rollover_month_count > 0
),

-- of the time before the first usage nothing is known, and nothing was left
landed as (
    select min({{ month_of('first_event_on') }}) as first_month
    from {{ ref('stg_tieout__landed_files') }}
    where feed in ('network_usage', 'rated_usage') and status = 'loaded'
),

months as (
    {{ date_spine(look_back_from(), add_days(window_from(), -1), 'month') }}
),

final as (
    select
        h.account_id,
        m.spine_on as granted_month,
        {{ add_months_to('m.spine_on', 1) }} as month_end_on
    from holders as h
    cross join landed as l
    inner join months as m on l.first_month <= m.spine_on
)

select * from final
