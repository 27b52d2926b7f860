-- one-off charges due against the lines of invoices, both net of discounts. A month is held against itself; a month
-- with a charge alone and one with lines alone belong together, in order: the right amount, in another month
{% set charge = 'account_id, subscription_id, charge_code, currency_code' %}
with

granted as (
    select
        s.charge_key, sum(s.discount_micros) as discount_micros
    from {{ ref('int_billing__discount_shares') }} as s
    inner join {{ ref('stg_billing__discounts') }} as g on s.discount_id = g.discount_id
    where g.charge_type = 'one_off'
    group by s.charge_key
),

due as (
    select
        i.*,
        i.gross_micros - coalesce(g.discount_micros, 0) as net_micros
    from {{ ref('int_billing__one_off_items') }} as i
    left join granted as g on i.charge_key = g.charge_key
    where i.charge_set = 'entitled' and i.account_id is not null and {{ in_window('i.charge_month') }}
),

-- the lines of a copied invoice are BIL-05's
lines as (
    select l.*
    from {{ ref('int_billing__one_off_lines') }} as l
    left join {{ ref('int_billing__copied_lines') }} as c on l.invoice_line_id = c.invoice_line_id
    where c.invoice_line_id is null
),

both_sides as (
    select
        charge_month, {{ charge }}, charge_on, price_rule_id, order_item_id, gross_micros, net_micros,
        1 as due_count, 0 as line_count, 0 as waived_micros, 0 as line_micros,
        cast(null as string) as invoice_line_id, cast(null as string) as _source_file,
        cast(null as bigint) as _source_row, cast(null as string) as _file_hash
    from due
    union all
    select
        charge_month, {{ charge }}, cast(null as date) as charge_on, cast(null as string) as price_rule_id,
        cast(null as string) as order_item_id, 0 as gross_micros, 0 as net_micros, 0 as due_count,
        case when line_type = 'one_off' then 1 else 0 end as line_count,
        case when line_type = 'discount' then -line_micros else 0 end as waived_micros,
        line_micros, invoice_line_id, _source_file, _source_row, _file_hash
    from lines
),

months as (
    select
        charge_month, {{ charge }}, max(charge_on) as charge_on, max(price_rule_id) as price_rule_id,
        {{ join_texts('order_item_id') }} as order_item_ids, {{ join_texts('invoice_line_id') }} as invoice_line_ids,
        sum(gross_micros) as gross_micros, sum(net_micros) as net_micros, sum(due_count) as due_count,
        sum(line_count) as line_count, sum(waived_micros) as waived_micros, sum(line_micros) as line_micros,
        min(_source_file) as _source_file, min(_source_row) as _source_row, min(_file_hash) as _file_hash,
        count(invoice_line_id) > 0 as has_lines,
        count(invoice_line_id) = 0 and sum(net_micros) <> 0 as is_due_alone,
        sum(due_count) = 0 as is_billed_alone
    from both_sides
    group by charge_month, {{ charge }}
),

numbered as (
    select
        *,
        case when not (is_due_alone or is_billed_alone) then charge_month end as same_month,
        row_number() over (
            partition by {{ charge }}, is_due_alone, is_billed_alone
            order by charge_month
        ) as alone_no,
        sum(due_count) over (partition by {{ charge }}) > 0
        and sum(line_count) over (partition by {{ charge }}) > sum(due_count) over (partition by {{ charge }})
            as has_more_lines
    from months
),

compared as (
    select
        coalesce(min(case when due_count > 0 then charge_month end), min(charge_month)) as charge_month,
        max(case when has_lines then charge_month end) as billed_month,
        {{ charge }}, max(charge_on) as charge_on, max(price_rule_id) as price_rule_id,
        max(order_item_ids) as order_item_ids, max(invoice_line_ids) as invoice_line_ids,
        bool_or(has_more_lines) as has_more_lines, sum(due_count) as due_count, sum(line_count) as line_count,
        sum(gross_micros) as gross_micros, sum(net_micros) as due_micros,
        sum(waived_micros) as waived_micros, sum(line_micros) as billed_micros,
        min(_source_file) as _source_file, min(_source_row) as _source_row, min(_file_hash) as _file_hash
    from numbered
    group by {{ charge }}, same_month, case when same_month is null then alone_no end
),

account_runs as (
    select
        a.account_id,
        a.account_type in ({{ not_charged_accounts() }}) as is_free_account,
        max(r.period_end_on) as last_end_on
    from {{ ref('stg_crm__accounts') }} as a
    left join {{ ref('stg_billing__bill_runs') }} as r
        on
            r.status = 'issued'
            and coalesce(r.bill_cycle_code, a.bill_cycle_code, '') = coalesce(a.bill_cycle_code, r.bill_cycle_code, '')
    group by a.account_id, a.account_type
),

final as (
    select
        c.charge_month, c.billed_month, c.account_id, c.subscription_id, c.charge_code, c.currency_code,
        c.charge_on, c.price_rule_id, nullif(c.order_item_ids, '') as order_item_ids,
        nullif(c.invoice_line_ids, '') as invoice_line_ids, c.has_more_lines,
        {% for name in ['due_count', 'gross_micros', 'due_micros', 'line_count', 'waived_micros', 'billed_micros'] %}
        cast(c.{{ name }} as bigint) as {{ name }},
        {% endfor %}
        c._source_file, c._source_row, c._file_hash,
        coalesce(r.is_free_account, false) as is_free_account,
        -- no run has been issued yet that reaches the day
        c.billed_month is null and coalesce(r.last_end_on <= c.charge_on, false) as is_due_later
    from compared as c
    left join account_runs as r on c.account_id = r.account_id
)

select * from final
