with

source as (
    {{ latest_by_key(source('billing', 'invoice_lines'), ['invoice_line_id']) }}
),

final as (
    select
        invoice_line_id,
        invoice_id,
        account_id,
        subscription_id,
        line_type,
        charge_code,
        product_offering_id,
        service_code,
        discount_id,
        tax_rate_id,
        tax_group_code,
        description,
        quantity,
        unit_price_amount,
        line_amount,
        tax_amount,
        service_start_on,
        service_end_on,
        currency_code,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
