-- recurring charges due for billing's own subscriptions against the lines of invoices, both net of discounts
with

due as (
    select
        charge_month,
        account_id,
        subscription_id,
        charge_code,
        currency_code,
        max(service_id) as service_id,
        max(price_rule_id) as price_rule_id,
        max(price_micros) as price_micros,
        max(month_day_count) as month_day_count,
        sum(day_count) as due_days,
        sum(piece_count) as due_pieces,
        sum(net_micros) as due_micros
    from {{ ref('int_billing__recurring_charges') }}
    where charge_set = 'billed'
    group by charge_month, account_id, subscription_id, charge_code, currency_code
    union all
    select
        charge_month, account_id, '' as subscription_id, discount_id as charge_code, currency_code,
        cast(null as string) as service_id, cast(null as string) as price_rule_id,
        cast(null as bigint) as price_micros, cast(null as bigint) as month_day_count,
        0 as due_days, 0 as due_pieces, -discount_micros as due_micros
    from {{ ref('int_billing__account_discounts') }}
),

lines as (
    select
        l.*,
        {{ month_of('l.service_start_on') }} as charge_month,
        case
            when l.line_type = 'discount' and l.subscription_id is null then l.discount_id
            else l.charge_code
        end as compared_code,
        {{ days_between('l.service_start_on', 'l.service_end_on') }} as line_days
    from {{ ref('stg_billing__invoice_lines') }} as l
    left join {{ ref('stg_billing__discounts') }} as d on l.discount_id = d.discount_id
    where
        (l.line_type = 'recurring' or (l.line_type = 'discount' and coalesce(d.charge_type, 'recurring') = 'recurring'))
        and {{ in_window('l.service_start_on') }}
),

billed as (
    select
        charge_month,
        account_id,
        coalesce(subscription_id, '') as subscription_id,
        coalesce(compared_code, '') as charge_code,
        currency_code,
        sum(case when line_type = 'recurring' then line_days else 0 end) as line_days,
        sum(case when line_type = 'recurring' then 1 else 0 end) as line_count,
        count(distinct case when line_type = 'recurring' then service_start_on end) as start_count,
        sum({{ to_micros('line_amount') }}) as billed_micros,
        min(_source_file) as _source_file,
        min(_source_row) as _source_row,
        min(_file_hash) as _file_hash,
        {{ join_texts('invoice_line_id') }} as invoice_line_ids
    from lines
    group by charge_month, account_id, coalesce(subscription_id, ''), coalesce(compared_code, ''), currency_code
),

final as (
    select
        coalesce(d.charge_month, b.charge_month) as charge_month,
        coalesce(d.account_id, b.account_id) as account_id,
        coalesce(d.subscription_id, b.subscription_id) as subscription_id,
        coalesce(d.charge_code, b.charge_code) as charge_code,
        coalesce(d.currency_code, b.currency_code) as currency_code,
        coalesce(a.account_type in ({{ not_charged_accounts() }}), false) as is_free_account,
        d.service_id,
        d.price_rule_id,
        d.price_micros,
        d.month_day_count,
        cast(coalesce(d.due_days, 0) as bigint) as due_days,
        cast(coalesce(b.line_days, 0) as bigint) as line_days,
        cast(coalesce(b.line_count, 0) as bigint) as line_count,
        cast(coalesce(b.start_count, 0) as bigint) as start_count,
        cast(coalesce(d.due_micros, 0) as bigint) as due_micros,
        cast(coalesce(b.billed_micros, 0) as bigint) as billed_micros,
        b.invoice_line_ids,
        b._source_file,
        b._source_row,
        b._file_hash
    from due as d
    full outer join billed as b
        on
            d.charge_month = b.charge_month
            and d.account_id = b.account_id
            and d.subscription_id = b.subscription_id
            and d.charge_code = b.charge_code
            and d.currency_code = b.currency_code
    left join {{ ref('stg_crm__accounts') }} as a on coalesce(d.account_id, b.account_id) = a.account_id
)

select * from final
