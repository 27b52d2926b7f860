with

source as (
    {{ latest_by_key(source('partners', 'partner_statement_totals'), ['statement_id']) }}
),

final as (
    select
        statement_id,
        partner_id,
        direction_code,
        statement_month,
        issued_on,
        received_on,
        total_quantity,
        total_amount,
        currency_code,
        _source_file,
        _source_row,
        _file_hash
    from source
)

select * from final
