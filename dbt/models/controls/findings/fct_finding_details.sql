with

candidates as (
    select * from {{ ref('int_controls__candidates') }}
    where is_reported
),

catalogue as (
    select * from {{ ref('dim_controls') }}
),

prices as (
    select
        price_rule_id,
        min({{ json_record({
            'price_source': 'price_source', 'price_rule_id': 'price_rule_id',
            'product_offering_id': 'product_offering_id', 'charge_code': 'charge_code', 'service_code': 'service_code',
            'zone_code': 'zone_code', 'price_amount': amount_text('price_micros'),
            'unit_quantity': milli_text('unit_milli'), 'first_increment_quantity': milli_text('first_increment_milli'),
            'next_increment_quantity': milli_text('next_increment_milli'),
            'connect_amount': amount_text('connect_micros'), 'valid_from_on': 'valid_from_on',
            'source_file': '_source_file', 'source_row': '_source_row', 'file_hash': '_file_hash'
        }) }}) as price_record
    from {{ ref('int_catalogue__prices') }}
    group by price_rule_id
),

final as (
    select
        f.finding_id,
        c.question as rule,
        f.arithmetic,
        f.left_feed,
        f.left_source_file,
        f.left_source_row,
        f.left_file_hash,
        f.left_record,
        f.right_feed,
        f.right_source_file,
        f.right_source_row,
        f.right_file_hash,
        f.right_record,
        cast(p.price_record as string) as price_record
    from candidates as f
    inner join catalogue as c on f.control_id = c.control_id
    left join prices as p on f.price_rule_id = p.price_rule_id
)

select * from final
