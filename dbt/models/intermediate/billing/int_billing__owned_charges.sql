-- the part of each recurring charge's difference that a more special control than BIL-01 owns, and what is listed
with

owned as (
    select
        'BIL-05' as control_id, category, value_key, charge_month, account_id, subscription_id, charge_code,
        revenue_stream, -line_micros as owned_micros, currency_code, invoice_line_id as evidence
    from {{ ref('int_billing__copied_lines') }}
    union all
    select
        control_id, category, case
            when control_id = 'RAT-10' then concat(subscription_id, '|', charge_code)
            else concat(coalesce(nullif(subscription_id, ''), account_id), '|', coalesce(discount_id, ''))
        end as value_key,
        charge_month, account_id, subscription_id, charge_code,
        'recurring' as revenue_stream, fault_micros as owned_micros, currency_code, invoice_line_id as evidence
    from {{ ref('int_billing__discount_faults') }}
    union all
    select
        'BIL-02' as control_id, category, concat(subscription_id, '|', charge_code, '|', product_offering_id) as value_key,
        charge_month, account_id, subscription_id, charge_code, 'recurring' as revenue_stream,
        due_micros - line_micros as owned_micros, currency_code, invoice_line_ids as evidence
    from {{ ref('int_billing__proration_faults') }}
),

final as (
    select
        control_id,
        category,
        value_key,
        charge_month,
        account_id,
        subscription_id,
        charge_code,
        revenue_stream,
        cast(sum(owned_micros) as bigint) as owned_micros,
        currency_code,
        {{ join_texts('evidence') }} as evidence
    from owned
    group by
        control_id, category, value_key, charge_month, account_id, subscription_id, charge_code, revenue_stream,
        currency_code
)

select * from final
