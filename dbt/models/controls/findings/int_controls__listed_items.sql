-- legitimate differences, each with its evidence: they explain a part of the bridge and are no findings
with

entitlements as (
    select
        charge_month as billing_month, account_id, 'recurring' as revenue_stream, 'not_in_billing' as step_code,
        case
            when account_type in ({{ not_charged_accounts() }}) then 'staff or test account'
            else 'within the grace before billing begins'
        end as item_type,
        concat(service_id, '|', product_offering_id, '|', charge_code) as item_key,
        under_micros as item_micros, cast(unbilled_days as string) as evidence
    from {{ ref('int_billing__entitlement_differences') }}
    where
        unbilled_days > 0
        and (unbilled_days <= {{ var('entitlement_grace_days') }} or account_type in ({{ not_charged_accounts() }}))
    union all
    select
        charge_month as billing_month, account_id, 'recurring' as revenue_stream, 'billing_only' as step_code,
        'within the grace after the service ended' as item_type,
        concat(service_id, '|', product_offering_id, '|', charge_code) as item_key,
        -over_micros as item_micros, cast(absent_days as string) as evidence
    from {{ ref('int_billing__entitlement_differences') }}
    where absent_days > 0 and absent_days <= {{ var('cease_grace_days') }}
    union all
    -- the days are the same
    {% for step_code, days, micros in [
        ('not_in_billing', 'unbilled_days', 'under_micros'), ('billing_only', 'absent_days', '-over_micros')
    ] %}
    select
        charge_month as billing_month, account_id, 'recurring' as revenue_stream, '{{ step_code }}' as step_code,
        case
            when is_discount_alone then 'discount that other charges of the account change'
            else 'quantity that CRM and billing have otherwise'
        end as item_type,
        concat(service_id, '|', product_offering_id, '|', charge_code) as item_key,
        {{ micros }} as item_micros, subscription_id as evidence
    from {{ ref('int_billing__entitlement_differences') }}
    where {{ days }} = 0 and {{ micros }} <> 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

free_accounts as (
    select
        event_month as billing_month, account_id, 'usage' as revenue_stream, 'rating' as step_code,
        'staff or test account' as item_type, rated_usage_id as item_key,
        expected_micros - charged_micros as item_micros, rated_usage_id as evidence
    from {{ ref('int_usage__rating_differences') }}
    where is_free_account
    union all
    select
        charge_month as billing_month, account_id, 'recurring' as revenue_stream, 'invoicing' as step_code,
        case
            when is_free_account and billed_micros = 0 then 'staff or test account'
            else 'discount rounded on a sum of charges'
        end as item_type, concat(subscription_id, '|', charge_code) as item_key,
        case when is_free_account and billed_micros = 0 then due_micros else rounded_micros end as item_micros,
        coalesce(invoice_line_ids, subscription_id) as evidence
    from {{ ref('int_billing__recurring_comparison') }}
    where (is_free_account and billed_micros = 0) or rounded_micros <> 0
),

-- what a control lets pass, or what may still be billed
let_pass as (
    select
        charge_month as billing_month, account_id, 'recurring' as revenue_stream, 'invoicing' as step_code,
        listed_reason as item_type, concat(value_key, '|', charge_code) as item_key,
        owned_micros as item_micros, evidence
    from {{ ref('int_billing__owned_charges') }}
    where listed_reason is not null
),

relieved as (
    select
        charge_month as billing_month, account_id, 'recurring' as revenue_stream, 'invoicing' as step_code,
        'relief of a commitment' as item_type, commitment_id as item_key,
        due_micros as item_micros, relief_reference as evidence
    from {{ ref('int_billing__commitment_checks') }}
    where relief_reference is not null
),

off_controls as (
    select
        billing_month, account_id, revenue_stream, step_code,
        concat('control did not run: ', control_id) as item_type, finding_id as item_key,
        under_micros - over_micros as item_micros, finding_id as evidence
    from {{ ref('int_controls__shares') }}
    where not is_reported and revenue_stream in ('usage', 'recurring', 'one_off')
),

final as (
    select
        billing_month,
        account_id,
        revenue_stream,
        step_code,
        item_type,
        item_key,
        cast(item_micros as bigint) as item_micros,
        evidence
    from (
        select * from {{ ref('int_controls__listed_usage_items') }}
        union all
        select * from entitlements
        union all
        select * from free_accounts
        union all
        select * from let_pass
        union all
        select * from relieved
        union all
        select * from {{ ref('int_controls__listed_one_off_items') }}
        union all
        select * from off_controls
    ) as items
    where item_micros <> 0
)

select * from final
