with

differences as (
    select * from {{ ref('int_billing__entitlement_differences') }}
    where absent_days > {{ var('cease_grace_days') }}
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
        max(absent_days) as absent_days,
        sum(over_micros) as over_micros
    from differences
    group by charge_month, subscription_id, product_offering_id
),

subscriptions as (
    select
        subscription_id,
        product_offering_id,
        max(_source_file) as _source_file,
        max(_source_row) as _source_row,
        max(_file_hash) as _file_hash
    from {{ ref('stg_billing__subscriptions') }}
    group by subscription_id, product_offering_id
),

found as (
    select
        case when c.product_type = 'plan' then 'BILLED_NOT_ACTIVE' else 'BILLED_FEATURE_ABSENT' end as category,
        c.charge_month as period,
        concat(c.service_id, '|', c.product_offering_id) as value_key,
        c.account_id,
        c.subscription_id,
        0 as expected_micros,
        c.over_micros as actual_micros,
        c.over_micros,
        c.currency_code,
        'recurring' as revenue_stream,
        'billing_only' as step_code,
        {{ entitlement_arithmetic('absent_days', 'over_micros') }} as arithmetic,
        c.price_rule_id,
        'subscriptions' as right_feed,
        s._source_file as right_source_file,
        s._source_row as right_source_row,
        s._file_hash as right_file_hash,
        c.subscription_id as right_key,
        {{ json_record({
            'service_id': 'c.service_id', 'product_offering_id': 'c.product_offering_id',
            'subscription_id': 'c.subscription_id', 'days_active': 'c.entitled_days', 'days_in_billing': 'c.billed_days'
        }) }} as right_record
    from charges as c
    left join subscriptions as s
        on c.subscription_id = s.subscription_id and c.product_offering_id = s.product_offering_id
),

final as (
    {{ findings('found', 'ORD-03', [
        'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'over_micros',
        'currency_code', 'revenue_stream', 'step_code', 'arithmetic', 'price_rule_id',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
