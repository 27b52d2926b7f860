-- allowances of a month from which billing took something else than the replay in the order of events does
with

differences as (
    select
        *,
        coalesce(allowance_id, concat('(none)|', service_code)) as allowance_key,
        {{ to_milli('billed_allowance_quantity') }} as billed_milli,
        row_number() over (
            partition by subscription_id, event_month, coalesce(allowance_id, concat('(none)|', service_code))
            order by started_at, rated_usage_id
        ) as event_no
    from {{ ref('int_usage__difference_owners') }}
    where control_id = 'RAT-04'
),

balances as (
    select
        subscription_id,
        event_month,
        allowance_key,
        min(allowance_id) as allowance_id,
        min(billed_offering_id) as product_offering_id,
        min(service_code) as service_code,
        min(account_id) as account_id,
        min(currency_code) as currency_code,
        count(*) as event_count,
        cast(sum(expected_micros) as bigint) as expected_micros,
        cast(sum(charged_micros) as bigint) as charged_micros,
        cast(sum(greatest(expected_micros - charged_micros, 0)) as bigint) as under_micros,
        cast(sum(greatest(charged_micros - expected_micros, 0)) as bigint) as over_micros,
        cast(sum(free_milli - billed_milli) as bigint) as missing_milli,
        max(case when event_no = 1 then free_milli - billed_milli end) as first_missing_milli,
        max(case when event_no = 1 then free_milli end) as first_free_milli,
        max(case when event_no = 1 then started_at end) as first_started_at,
        max(case when event_no = 1 then rated_usage_id end) as first_rated_usage_id,
        max(case when event_no = 1 then expected_price_rule_id end) as price_rule_id,
        max(case when event_no = 1 then _source_file end) as _source_file,
        max(case when event_no = 1 then _source_row end) as _source_row,
        max(case when event_no = 1 then _file_hash end) as _file_hash
    from differences
    group by subscription_id, event_month, allowance_key
),

subscriptions as (
    select distinct subscription_id from balances
),

-- an event on two invoice lines took from the allowance once
taken as (
    select distinct
        r.rated_usage_id,
        r.subscription_id,
        r.service_code,
        r.product_offering_id,
        {{ month_of('r.event_on') }} as event_month,
        {{ to_milli('r.allowance_quantity') }} as billed_milli
    from {{ ref('stg_billing__rated_usage') }} as r
    inner join subscriptions as s on r.subscription_id = s.subscription_id
    where r.allowance_quantity > 0
),

totals as (
    select
        subscription_id,
        service_code,
        product_offering_id,
        event_month,
        cast(sum(billed_milli) as bigint) as billed_milli
    from taken
    group by subscription_id, service_code, product_offering_id, event_month
),

compared as (
    select
        b.*,
        {{ to_milli('coalesce(a.allowance_quantity, 0)') }} as granted_milli,
        coalesce(t.billed_milli, 0) as billed_milli,
        coalesce(t.billed_milli, 0) + b.missing_milli as replayed_milli,
        coalesce(l.billed_milli, 0) as last_month_milli
    from balances as b
    left join {{ ref('stg_billing__allowances') }} as a on b.allowance_id = a.allowance_id
    left join totals as t
        on
            b.subscription_id = t.subscription_id and b.service_code = t.service_code
            and b.product_offering_id = t.product_offering_id and b.event_month = t.event_month
    left join totals as l
        on
            b.subscription_id = l.subscription_id and b.service_code = l.service_code
            and b.product_offering_id = l.product_offering_id
            and b.event_month = {{ add_months_to('l.event_month', 1) }}
),

final as (
    select
        *,
        case
            -- only the event in which the allowance ran out, taken whole: it was let run over its end
            when billed_milli > replayed_milli and event_count = 1 and first_free_milli > 0 then 'OVERAGE_LATE'
            when billed_milli > replayed_milli and billed_milli > granted_milli then 'GRANT_WRONG'
            when
                billed_milli < replayed_milli and last_month_milli > 0
                and billed_milli = greatest(0, granted_milli - last_month_milli) then 'ROLLOVER_WRONG'
            when billed_milli = replayed_milli and first_missing_milli > 0 then 'OVERAGE_EARLY'
            else 'CONSUMPTION_WRONG'
        end as category
    from compared
)

select * from final
