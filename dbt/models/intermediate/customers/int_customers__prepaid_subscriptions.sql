-- prepaid usage is debited from a balance and is on no invoice: the bridge to invoices leaves it out
with

final as (
    select distinct subscription_id
    from {{ ref('stg_billing__subscriptions') }}
    where charge_mode = 'prepaid'
)

select * from final
