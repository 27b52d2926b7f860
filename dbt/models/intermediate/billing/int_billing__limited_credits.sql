-- credits that may not exceed what invoices charged for the period less what they credited before
with

credits as (
    select i.*
    from {{ ref('int_billing__recurring_items') }} as i
    inner join {{ ref('int_catalogue__prices') }} as p on i.price_rule_id = p.price_rule_id
    where i.piece_type = 'credit' and i.charge_set = 'entitled' and p.credit_limit_type = 'invoiced'
),

lines as (
    select subscription_id, charge_code, billing_month, service_start_on, {{ to_micros('line_amount') }} as line_micros
    from {{ ref('stg_tieout__issued_invoice_lines') }}
    where line_type = 'recurring'
),

final as (
    select
        c.subscription_id,
        c.price_rule_id,
        c.period_start_on,
        c.valid_from_on,
        c.unit_milli,
        c.gross_micros as wanted_micros,
        cast(coalesce(sum(greatest(l.line_micros, 0)), 0) as bigint) as charged_micros,
        cast(coalesce(sum(greatest(-l.line_micros, 0)), 0) as bigint) as credited_micros,
        cast(-greatest(
            0, least(-c.gross_micros, coalesce(sum(l.line_micros), 0))
        ) as bigint) as gross_micros
    from credits as c
    left join lines as l
        on
            c.subscription_id = l.subscription_id
            and c.charge_code = l.charge_code
            and c.period_start_on <= l.service_start_on
            and c.period_end_on > l.service_start_on
            and c.billing_month > l.billing_month
    group by
        c.subscription_id, c.price_rule_id, c.period_start_on, c.valid_from_on, c.unit_milli, c.gross_micros
)

select * from final
