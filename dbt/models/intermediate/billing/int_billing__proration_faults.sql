-- parts of months that were charged by other days or another basis than the price says
with

due as (
    select
        charge_month, account_id, subscription_id, charge_code, product_offering_id, currency_code,
        max(price_rule_id) as price_rule_id,
        max(price_micros) as price_micros,
        max(proration_type) as proration_type,
        max(month_day_count) as month_day_count,
        cast(sum(day_count) as bigint) as due_days,
        cast(sum(gross_micros) as bigint) as gross_micros,
        cast(sum(net_micros) as bigint) as due_micros
    from {{ ref('int_billing__recurring_dues') }}
    group by charge_month, account_id, subscription_id, charge_code, product_offering_id, currency_code
),

timings as (
    select
        price_rule_id,
        max(charge_timing) as charge_timing
    from {{ ref('int_catalogue__prices') }}
    group by price_rule_id
),

lines as (
    select
        l.charge_month, l.account_id, l.subscription_id, l.charge_code, l.product_offering_id, l.currency_code,
        cast(sum(case when l.line_type = 'recurring' then l.line_days else 0 end) as bigint) as line_days,
        cast(sum(case when l.line_type = 'recurring' then l.line_micros else 0 end) as bigint) as line_gross_micros,
        cast(sum(l.line_micros) as bigint) as line_micros,
        {{ join_texts('l.invoice_line_id') }} as invoice_line_ids,
        min(l._source_file) as _source_file,
        min(l._source_row) as _source_row,
        min(l._file_hash) as _file_hash
    from {{ ref('int_billing__recurring_lines') }} as l
    left join {{ ref('int_billing__copied_lines') }} as c on l.invoice_line_id = c.invoice_line_id
    where c.invoice_line_id is null
    group by
        l.charge_month, l.account_id, l.subscription_id, l.charge_code, l.product_offering_id, l.currency_code
    having sum(case when l.line_type = 'recurring' then 1 else 0 end) > 0
),

compared as (
    select
        d.*,
        t.charge_timing,
        l.line_days, l.line_gross_micros, l.line_micros, l.invoice_line_ids,
        l._source_file, l._source_row, l._file_hash
    from due as d
    inner join lines as l
        on
            d.charge_month = l.charge_month
            and d.account_id = l.account_id
            and d.subscription_id = l.subscription_id
            and d.charge_code = l.charge_code
            and d.product_offering_id = l.product_offering_id
            and d.currency_code = l.currency_code
    -- where discounts were wrong as well, the rest is BIL-01's
    left join {{ ref('int_billing__discount_groups') }} as x
        on
            d.charge_month = x.charge_month
            and d.account_id = x.account_id
            and d.subscription_id = x.subscription_id
            and d.charge_code = x.charge_code
    left join timings as t on d.price_rule_id = t.price_rule_id
    where
        d.due_days < d.month_day_count
        and d.proration_type <> 'none'
        and d.due_micros <> l.line_micros
        and x.charge_code is null
),

judged as (
    select
        *,
        case
            when
                line_days <> due_days and line_days = month_day_count and charge_timing = 'advance'
                then 'CREDIT_MISSING'
            when line_days <> due_days and line_days = month_day_count then 'PRORATE_MISSING'
            when abs(line_days - due_days) = 1 then 'DAY_OFF_BY_ONE'
            when line_days = due_days and line_gross_micros = price_micros then 'PRORATE_MISSING'
            when
                line_days = due_days
                and line_gross_micros in (
                    {{ ratio_micros('due_days', 'price_micros', '30', '10000') }},
                    {{ ratio_micros('due_days', 'price_micros', 'month_day_count', '10000') }}
                ) then 'BASIS_WRONG'
        end as category
    from compared
),

final as (
    select
        category,
        charge_month, account_id, subscription_id, charge_code, product_offering_id, currency_code,
        price_rule_id, price_micros, month_day_count, due_days, line_days, due_micros, line_micros, invoice_line_ids,
        _source_file, _source_row, _file_hash
    from judged
    where category is not null
)

select * from final
