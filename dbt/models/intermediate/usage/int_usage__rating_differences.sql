-- events whose charge is not what the approved prices give for the set that billing received, with their records
with

expected as (
    select * from {{ ref('int_usage__rerated') }}
    where is_difference
),

final as (
    select
        e.event_month,
        e.event_on,
        c.rated_usage_id,
        c.network_record_id,
        c.account_id,
        c.subscription_id,
        c.service_id,
        c.service_code,
        c.other_party_number,
        c.started_at,
        c.quantity,
        c.unit_code,
        e.product_offering_id as expected_offering_id,
        c.product_offering_id as billed_offering_id,
        e.zone_code as expected_zone_code,
        c.zone_code as billed_zone_code,
        e.price_rule_id as expected_price_rule_id,
        c.price_rule_id as billed_price_rule_id,
        e.allowance_id,
        e.rated_milli,
        e.free_milli,
        e.chargeable_milli,
        e.discount_ratio,
        c.allowance_quantity as billed_allowance_quantity,
        c.zero_reason_code,
        coalesce(e.charge_micros, 0) as expected_micros,
        e.charge_micros is null as is_unpriced,
        e.charged_micros,
        c.currency_code,
        coalesce(a.account_type in ({{ not_charged_accounts() }}), false) as is_free_account,
        c._source_file,
        c._source_row,
        c._file_hash
    from expected as e
    inner join {{ ref('stg_billing__rated_usage') }} as c
        on e.event_on = c.event_on and e._file_hash = c._file_hash and e._source_row = c._source_row
    left join {{ ref('stg_crm__accounts') }} as a on c.account_id = a.account_id
    where {{ in_window('c.event_on') }}
)

select * from final
