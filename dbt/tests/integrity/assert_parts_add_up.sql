-- the parts of a difference between two statements are the difference
with

summed as (
    select
        partner_id,
        direction_code,
        statement_month,
        service_code,
        band_code,
        difference_amount,
        volume_amount + price_amount + mix_amount + timing_amount + fx_amount + rounding_amount + tax_amount
            as parts_amount
    from {{ ref('fct_statement_differences') }}
)

select * from summed
where parts_amount <> difference_amount
