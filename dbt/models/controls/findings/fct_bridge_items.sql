with

accounts as (
    select
        account_id,
        currency_code
    from {{ ref('stg_crm__accounts') }}
),

final as (
    select
        i.billing_month,
        i.account_id,
        i.revenue_stream,
        i.step_code,
        i.item_type,
        i.item_key,
        {{ from_micros('i.item_micros') }} as item_amount,
        coalesce(a.currency_code, '{{ var("currency_code") }}') as currency_code,
        i.evidence
    from {{ ref('int_controls__listed_items') }} as i
    left join accounts as a on i.account_id = a.account_id
)

select * from final
