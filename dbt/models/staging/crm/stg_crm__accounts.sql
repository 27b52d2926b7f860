with

source as (
    {{ latest_by_key(source('crm', 'accounts'), ['account_id']) }}
),

final as (
    select
        account_id,
        customer_id,
        account_type,
        currency_code,
        bill_cycle_code,
        tax_jurisdiction_code,
        is_tax_exempt,
        tax_exempt_until_on,
        tax_exemption_reason,
        bill_day,
        legal_entity_code,
        billing_name,
        street_address,
        city_name,
        postal_code,
        country_code,
        tax_id,
        buyer_reference,
        payment_term_days,
        direct_debit_mandate_id,
        iban,
        language_code,
        opened_on,
        closed_on,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
