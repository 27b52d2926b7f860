-- the recurring charge of the days that billing does not know, and the value of the usage seen on the line
with

differences as (
    select * from {{ ref('int_billing__entitlement_differences') }}
    where
        unbilled_days > {{ var('entitlement_grace_days') }}
        and coalesce(account_type, '') not in ({{ not_charged_accounts() }})
),

charges as (
    select
        charge_month,
        subscription_id,
        product_offering_id,
        max(product_type) as product_type,
        max(account_id) as account_id,
        max(service_id) as service_id,
        max(currency_code) as currency_code,
        max(price_rule_id) as price_rule_id,
        max(price_micros) as price_micros,
        max(month_day_count) as month_day_count,
        max(entitled_days) as entitled_days,
        max(billed_days) as billed_days,
        max(unbilled_days) as unbilled_days,
        sum(under_micros) as under_micros
    from differences
    group by charge_month, subscription_id, product_offering_id
),

usage_amounts as (
    select
        event_month,
        value_key,
        count(*) as event_count,
        sum(step_micros) as usage_micros
    from {{ ref('int_usage__owned_amounts') }}
    where control_id = 'ORD-02'
    group by event_month, value_key
),

profiles as (
    select
        service_id,
        min(_source_file) as _source_file,
        min(_source_row) as _source_row,
        min(_file_hash) as _file_hash
    from {{ ref('stg_mediation__network_profiles') }}
    group by service_id
),

found as (
    select
        case when c.product_type = 'plan' then 'ACTIVE_UNBILLED' else 'FEATURE_UNBILLED' end as category,
        c.charge_month as period,
        concat(c.service_id, '|', c.product_offering_id) as value_key,
        c.account_id,
        c.subscription_id,
        c.under_micros + coalesce(u.usage_micros, 0) as expected_micros,
        0 as actual_micros,
        c.under_micros + coalesce(u.usage_micros, 0) as under_micros,
        c.currency_code,
        'not_in_billing' as step_code,
        concat(
            {{ entitlement_arithmetic('unbilled_days', 'under_micros') }},
            case when u.event_count is null then '' else concat(
                '; ', cast(u.event_count as string), ' events of the line were never rated: ',
                {{ amount_text('u.usage_micros') }}
            ) end
        ) as arithmetic,
        c.price_rule_id,
        'network_profiles' as left_feed,
        p._source_file as left_source_file,
        p._source_row as left_source_row,
        p._file_hash as left_file_hash,
        c.service_id as left_key,
        {{ json_record({
            'service_id': 'c.service_id', 'product_offering_id': 'c.product_offering_id',
            'subscription_id': 'c.subscription_id', 'days_active': 'c.entitled_days', 'days_in_billing': 'c.billed_days'
        }) }} as left_record
    from charges as c
    left join usage_amounts as u
        on c.charge_month = u.event_month and concat(c.service_id, '|', c.product_offering_id) = u.value_key
    left join profiles as p on c.service_id = p.service_id
),

final as (
    {{ findings('found', 'ORD-02', [
        'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'under_micros',
        'currency_code', 'step_code', 'arithmetic', 'price_rule_id',
        'left_feed', 'left_source_file', 'left_source_row', 'left_file_hash', 'left_key', 'left_record'
    ]) }}
)

select * from final
