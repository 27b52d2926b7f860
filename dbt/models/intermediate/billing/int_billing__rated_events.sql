-- every event of a bill with what it costs; kept for bill runs only, for it is as large as the usage itself
with

delivered as (
    select
        0 as rating_set,
        1 as consume_rank,
        *
    from {{ ref('int_billing__delivered_usage') }}
    where {{ 'true' if var('keep_rated_events') else 'false' }}
),

rated as (
    {{ rate_usage('delivered', [
        'event_id', 'event_month', 'subscription_id', 'service_id', 'service_code', 'other_party_number', 'started_at',
        'quantity', 'unit_code', '_source_file', '_source_row'
    ], detailed='tier_set = 1', with_spans=true) }}
),

subscriptions as (
    select * from {{ ref('int_customers__subscription_accounts') }}
),

prices as (
    select
        price_rule_id,
        max(charge_code) as charge_code,
        max(zone_code) as priced_zone_code
    from {{ ref('int_catalogue__prices') }}
    group by price_rule_id
),

final as (
    select
        r.event_id,
        r.event_month as billing_month,
        s.account_id,
        r.subscription_id,
        r.service_id,
        r.service_code,
        nullif(t.event_zone_code, '(none)') as zone_code,
        p.priced_zone_code,
        t.time_band_code,
        r.other_party_number,
        r.started_at,
        cast(r.quantity as decimal(18, 3)) as quantity,
        r.unit_code,
        {{ from_milli('r.rated_milli') }} as rated_quantity,
        {{ from_milli('r.free_milli') }} as free_quantity,
        {{ from_milli('r.chargeable_milli') }} as chargeable_quantity,
        {{ from_micros('r.charge_micros') }} as charge_amount,
        r.charge_micros,
        r.price_rule_id,
        p.charge_code,
        r.tax_group_code,
        coalesce(r.used_allowance_id, case when r.has_allowance then t.allowance_id end) as allowance_id,
        {{ taken_off('r.kept_millionths') }} as discount_ratio,
        {{ event_arithmetic() }} as arithmetic,
        r.span_count,
        {{ from_micros('r.unrounded_micros') }} as unrounded_amount,
        r.is_prepaid,
        a.account_type in ({{ not_charged_accounts() }}) as is_free_account,
        case
            when
                r.charge_micros is not null and not r.is_prepaid and s.account_id is not null
                and a.account_type not in ({{ not_charged_accounts() }})
                then {{ usage_charge_key('s.account_id', 'r.event_month', 'r.subscription_id', 'r.service_code',
                    'p.charge_code', 'p.priced_zone_code') }}
        end as expected_line_key,
        r._source_file,
        r._source_row
    from rated as r
    left join subscriptions as s on r.subscription_id = s.subscription_id
    left join {{ ref('stg_crm__accounts') }} as a on s.account_id = a.account_id
    left join {{ ref('int_catalogue__usage_terms') }} as t on r.usage_term_no = t.usage_term_no
    left join prices as p on r.price_rule_id = p.price_rule_id
)

select * from final
