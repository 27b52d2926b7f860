-- as delivered: repeated records are findings, so nothing is dropped here
with

source as (
    select * from {{ source('billing', 'rated_usage') }}
),

final as (
    select
        rated_usage_id,
        network_record_id,
        account_id,
        subscription_id,
        service_id,
        service_id_raw,
        service_code,
        other_party_number,
        other_party_number_raw,
        other_party_number_head,
        started_at,
        quantity,
        unit_code,
        event_amount,
        active_quantity,
        metric_code,
        is_reversal,
        allowance_quantity,
        product_offering_id,
        zone_code,
        time_band_code,
        price_rule_id,
        charge_amount,
        zero_reason_code,
        currency_code,
        rated_at,
        invoice_line_id,
        event_on,
        _record_key,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
