with

source as (
    select * from {{ source('tieout', 'issued_invoice_lines') }}
),

final as (
    select
        invoice_number,
        line_no,
        document_type,
        expected_line_key,
        billing_month,
        origin_month,
        account_id,
        line_type,
        subscription_id,
        service_id,
        product_offering_id,
        charge_code,
        service_code,
        zone_code,
        discount_id,
        tax_group_code,
        price_rule_id,
        quantity,
        unit_code,
        unit_price_amount,
        line_amount,
        event_count,
        service_start_on,
        service_end_on,
        currency_code
    from source
)

select * from final
