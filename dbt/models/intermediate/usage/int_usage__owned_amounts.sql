-- every changed record with the control and finding that own its value, or the reason why it is listed
with

records as (
    select * from {{ ref('int_usage__chain_records') }}
    where changes_at is not null
),

amounts as (
    select * from {{ ref('int_usage__step_amounts') }}
),

plans as (
    select * from {{ ref('int_customers__plan_periods') }}
),

unbilled_services as (
    select distinct
        charge_month,
        subscription_id
    from {{ ref('int_billing__entitlement_differences') }}
    where unbilled_days > {{ var('entitlement_grace_days') }} and product_type = 'plan'
),

final as (
    select
        r.record_no,
        r.change_type,
        case r.changes_at
            when 1 then 'lost_before_rating'
            when 2 then 'not_in_billing'
            when 3 then 'suspense'
            when 4 then 'billing_only'
        end as step_code,
        case
            when r.is_free_account then null
            when r.change_type = 'lost_file' then 'USG-01'
            when r.change_type in ('lost', 'altered', 'created') then 'USG-02'
            when r.change_type in ('duplicate', 'near_duplicate') then 'USG-06'
            when r.change_type = 'not_in_billing' and u.subscription_id is not null then 'ORD-02'
        end as control_id,
        case
            when r.change_type = 'lost_file' then r.collection_state
            when r.change_type = 'lost' then 'LOST_IN_MEDIATION'
            when r.change_type = 'altered' then 'UNIT_LOSS'
            when r.change_type = 'created' then 'CREATED_RECORDS'
            when r.change_type = 'duplicate' then 'DUP_EXACT'
            when r.change_type = 'near_duplicate' then 'DUP_NEAR'
            when r.change_type = 'not_in_billing' and u.subscription_id is not null then 'ACTIVE_UNBILLED'
        end as category,
        case
            when r.change_type = 'lost_file' then concat(r.ne_id, '|', r.usage_file_name)
            when r.change_type in ('lost', 'altered', 'created')
                then concat(coalesce(r.ne_id, ''), '|', r.service_code, '|', {{ hour_text('r.started_at') }})
            when r.change_type in ('duplicate', 'near_duplicate') then r.rated_usage_id
            when r.change_type = 'not_in_billing' and u.subscription_id is not null
                then concat(r.service_id, '|', p.product_offering_id)
        end as value_key,
        case
            when r.is_free_account then 'staff or test account'
            when r.change_type = 'waiting' then 'waits in suspense or with mediation'
            when r.change_type = 'month_shift' then 'starts in another month on the other side'
            when r.change_type = 'not_in_billing' then 'within the grace before billing begins'
        end as listed_reason,
        r.event_month,
        r.event_on,
        r.subscription_id,
        r.account_id,
        r.service_id,
        r.service_code,
        r.started_at,
        r.ne_id,
        r.usage_file_name,
        r.left_record_id,
        r.rated_usage_id,
        r.left_quantity,
        r.right_quantity,
        r.currency_code,
        coalesce(a.step_micros, 0) as step_micros,
        a.price_rule_id,
        coalesce(a.rated_milli, 0) as rated_milli,
        r.left_source_file,
        r.left_source_row,
        r.left_file_hash,
        r.right_source_file,
        r.right_source_row,
        r.right_file_hash
    from records as r
    left join amounts as a
        on
            r.record_no = a.record_no
            and r.changes_at = a.step_no
            and r.event_month = a.event_month
    left join plans as p
        on
            r.subscription_id = p.subscription_id
            and r.event_on >= p.valid_from_on
            and r.event_on < p.valid_to_on
    left join unbilled_services as u
        on r.subscription_id = u.subscription_id and r.event_month = u.charge_month
)

select * from final
