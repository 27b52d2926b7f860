-- events whose charge is not what the approved prices give for the set that billing received, with their records
with

expected as (
    select * from {{ ref('int_usage__rerated') }}
    where is_difference
),

records as (
    select
        e.event_month,
        e.product_offering_id as expected_offering_id,
        e.zone_code as expected_zone_code,
        e.time_band_code as expected_band_code,
        e.price_rule_id as expected_price_rule_id,
        e.allowance_id,
        e.rated_milli,
        e.free_milli,
        e.chargeable_milli,
        e.discount_ratio,
        e.charge_micros,
        e.charged_micros,
        c.*,
        row_number() over (
            partition by c.event_on, c.rated_usage_id
            order by c.invoice_line_id, c._file_hash, c._source_row
        ) as copy_no
    from expected as e
    inner join {{ ref('stg_billing__rated_usage') }} as c
        on e.event_id = c.rated_usage_id and e.event_on = c.event_on
    where {{ in_window('c.event_on') }}
),

not_charged as (
    select account_id
    from {{ ref('stg_crm__accounts') }}
    where account_type in ({{ not_charged_accounts() }})
),

-- an event without price has no term to take its plan and zone from
final as (
    select
        r.event_month,
        r.event_on,
        r.rated_usage_id,
        r.network_record_id,
        r.account_id,
        r.subscription_id,
        r.service_id,
        r.service_code,
        r.other_party_number,
        r.started_at,
        r.quantity,
        r.unit_code,
        coalesce(r.expected_offering_id, p.product_offering_id) as expected_offering_id,
        r.product_offering_id as billed_offering_id,
        coalesce(r.expected_zone_code, z.zone_code) as expected_zone_code,
        r.zone_code as billed_zone_code,
        r.expected_band_code,
        r.time_band_code as billed_band_code,
        r.expected_price_rule_id,
        r.price_rule_id as billed_price_rule_id,
        r.allowance_id,
        r.rated_milli,
        r.free_milli,
        r.chargeable_milli,
        r.discount_ratio,
        r.allowance_quantity as billed_allowance_quantity,
        r.zero_reason_code,
        coalesce(r.charge_micros, 0) as expected_micros,
        r.charge_micros is null as is_unpriced,
        r.charged_micros,
        r.currency_code,
        a.account_id is not null as is_free_account,
        r._source_file,
        r._source_row,
        r._file_hash
    from records as r
    left join {{ ref('int_customers__rating_periods') }} as p
        on
            r.expected_price_rule_id is null
            and r.subscription_id = p.subscription_id
            and r.event_on >= p.valid_from_on
            and r.event_on < p.valid_to_on
    left join {{ ref('int_catalogue__zone_buckets') }} as z
        on
            r.expected_price_rule_id is null
            and {{ head_bucket('r.other_party_number_head') }} = z.bucket_no
            and r.other_party_number_head >= z.from_head
            and r.other_party_number_head < z.to_head
    left join not_charged as a on r.account_id = a.account_id
    where r.copy_no = 1
)

select * from final
