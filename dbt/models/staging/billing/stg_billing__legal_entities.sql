with

source as (
    {{ latest_by_key(source('billing', 'legal_entities'), ['legal_entity_code']) }}
),

final as (
    select
        legal_entity_code,
        legal_name,
        street_address,
        city_name,
        postal_code,
        country_code,
        tax_id,
        registration_id,
        iban,
        bic,
        payment_term_days,
        payment_terms,
        creditor_id,
        invoice_number_pattern,
        cash_rounding_amount,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
