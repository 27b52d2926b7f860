with

candidates as (
    select * from {{ ref('int_controls__candidates') }}
    where is_reported
),

catalogue as (
    select * from {{ ref('dim_controls') }}
),

revenue as (
    select
        {{ month_of('service_start_on') }} as billing_month,
        currency_code,
        sum({{ to_micros('line_amount') }}) as revenue_micros
    from {{ ref('stg_billing__invoice_lines') }}
    where line_type not in ('tax', 'rounding') and service_start_on is not null
    group by {{ month_of('service_start_on') }}, currency_code
),

final as (
    select
        f.finding_id,
        f.control_id,
        f.category,
        f.period,
        f.event_at,
        c.owner_stage,
        f.account_id,
        f.subscription_id,
        f.partner_id,
        f.value_key,
        {{ from_micros('f.expected_micros') }} as expected_amount,
        {{ from_micros('f.actual_micros') }} as actual_amount,
        {{ from_micros('f.under_micros') }} as under_amount,
        {{ from_micros('f.over_micros') }} as over_amount,
        {{ from_micros('f.cost_micros') }} as cost_amount,
        {{ from_micros('f.timing_micros') }} as timing_amount,
        f.currency_code,
        f.confidence,
        cast(coalesce(
            f.severity,
            {{ severity_of('(f.under_micros + f.over_micros + f.cost_micros)', 'coalesce(r.revenue_micros, 0)') }}
        ) as string) as severity,
        f.match_level,
        {{ json_record({
            'left_feed': 'f.left_feed', 'left_key': 'f.left_key', 'left_file_hash': 'f.left_file_hash',
            'left_source_row': 'f.left_source_row', 'right_feed': 'f.right_feed', 'right_key': 'f.right_key',
            'right_file_hash': 'f.right_file_hash', 'right_source_row': 'f.right_source_row'
        }) }} as evidence,
        cast('{{ var("run_id") }}' as string) as run_id
    from candidates as f
    inner join catalogue as c on f.control_id = c.control_id
    left join revenue as r on f.period = r.billing_month and f.currency_code = r.currency_code
)

select * from final
