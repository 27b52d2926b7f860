-- the part of each recurring charge's difference that a more special control than BIL-01 owns, and what is listed
with

owned as (
    select
        'BIL-05' as control_id, category, value_key, charge_month, account_id, subscription_id, charge_code,
        revenue_stream, cast(null as string) as listed_reason, -line_micros as owned_micros, currency_code,
        invoice_line_id as evidence
    from {{ ref('int_billing__copied_lines') }}
    union all
    select
        control_id, category, case
            when control_id = 'RAT-10' then concat(coalesce(nullif(subscription_id, ''), account_id), '|', charge_code)
            else concat(coalesce(nullif(subscription_id, ''), account_id), '|', coalesce(discount_id, ''))
        end as value_key,
        charge_month, account_id, subscription_id, charge_code,
        'recurring' as revenue_stream,
        case when control_id is null then 'within the grace after a promotion ended' end as listed_reason,
        fault_micros as owned_micros, currency_code, invoice_line_id as evidence
    from {{ ref('int_billing__discount_faults') }}
    union all
    select
        'BIL-02' as control_id,
        category,
        concat(subscription_id, '|', charge_code, '|', product_offering_id) as value_key,
        charge_month, account_id, subscription_id, charge_code, 'recurring' as revenue_stream,
        cast(null as string) as listed_reason,
        due_micros - line_micros as owned_micros,
        currency_code,
        invoice_line_ids as evidence
    from {{ ref('int_billing__proration_faults') }}
    union all
    select
        case when category is not null then 'BIL-04' end as control_id, category,
        concat(account_id, '|', cast(run_month as string)) as value_key,
        charge_month, account_id, subscription_id, charge_code, 'recurring' as revenue_stream,
        case
            when category is null and status = 'held' then 'held for a few days'
            when category is null then 'below the least amount of a bill'
            when is_timing then 'not invoiced yet'
        end as listed_reason,
        due_micros as owned_micros, currency_code, coalesce(invoice_id, account_id) as evidence
    from {{ ref('int_billing__missing_bills') }}
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
        listed_reason,
        cast(sum(owned_micros) as bigint) as owned_micros,
        currency_code,
        {{ join_texts('evidence') }} as evidence
    from owned
    group by
        control_id, category, value_key, charge_month, account_id, subscription_id, charge_code, revenue_stream,
        listed_reason, currency_code
)

select * from final
