-- what is not billed for a fault of its input, with the fault, what to do, and what it may be worth
with

unpriced as (
    select
        coalesce(account_id, '') as account_id, subscription_id, service_code, billing_month,
        case when account_id is null then 'NO_ACCOUNT' else 'NO_PRICE' end as reason_code,
        min(_source_file) as source_file,
        cast(min(_source_row) as bigint) as source_row,
        count(*) as event_count
    from {{ ref('int_billing__rated_events') }}
    where charge_micros is null and not is_prepaid
    group by account_id, subscription_id, service_code, billing_month
),

final as (
    select
        concat(
            u.account_id, '|', cast(u.billing_month as string), '|held|', u.reason_code, '|',
            coalesce(u.subscription_id, ''), '|', u.service_code
        ) as held_charge_key,
        u.billing_month,
        u.account_id,
        u.subscription_id,
        concat('USAGE_', upper(u.service_code)) as charge_code,
        u.reason_code,
        concat(
            'usage of ', u.service_code, ' of subscription ', coalesce(u.subscription_id, '(unknown)'),
            case
                when u.reason_code = 'NO_ACCOUNT' then ' belongs to no account; add the subscription to CRM and bill again'
                else ' has no price; add a price to the offer and bill again'
            end
        ) as reason,
        u.source_file,
        u.source_row,
        {{ amount('0') }} as estimated_amount,
        cast(u.event_count as bigint) as event_count,
        coalesce(a.currency_code, '{{ var("currency_code") }}') as currency_code
    from unpriced as u
    left join {{ ref('stg_crm__accounts') }} as a on u.account_id = a.account_id
)

select * from final
