with

final as (
    select
        finding_id,
        account_id,
        revenue_stream,
        step_code,
        billing_month,
        {{ from_micros('under_micros') }} as under_amount,
        {{ from_micros('over_micros') }} as over_amount,
        currency_code
    from {{ ref('int_controls__shares') }}
    where is_reported
)

select * from final
