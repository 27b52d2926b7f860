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
        sum(rounding_micros) as rounding_micros,
        sum(net_micros) as due_micros
    from {{ ref('int_billing__recurring_dues') }}
    group by charge_month, account_id, subscription_id, charge_code, currency_code
),

lines as (
    select * from {{ ref('int_billing__recurring_lines') }}
),

billed as (
    select
        charge_month,
        account_id,
        subscription_id,
        charge_code,
        currency_code,
        sum(case when line_type = 'recurring' then line_days else 0 end) as line_days,
        sum(case when line_type = 'recurring' and copy_no = 1 then line_days else 0 end) as covered_days,
        sum(case when line_type = 'recurring' then 1 else 0 end) as line_count,
        count(distinct case when line_type = 'recurring' then service_start_on end) as start_count,
        sum(line_micros) as billed_micros,
        min(_source_file) as _source_file,
        min(_source_row) as _source_row,
        min(_file_hash) as _file_hash,
        {{ join_texts('invoice_line_id') }} as invoice_line_ids
    from lines
    group by charge_month, account_id, subscription_id, charge_code, currency_code
),

-- what a more special control has proven is not said again
owned as (
    select
        charge_month, account_id, subscription_id, charge_code, currency_code,
        sum(owned_micros) as owned_micros,
        {{ join_texts('control_id') }} as owner_ids
    from {{ ref('int_billing__owned_charges') }}
    where revenue_stream = 'recurring'
    group by charge_month, account_id, subscription_id, charge_code, currency_code
),

compared as (
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
        cast(coalesce(b.covered_days, 0) as bigint) as covered_days,
        cast(coalesce(b.line_count, 0) as bigint) as line_count,
        cast(coalesce(b.start_count, 0) as bigint) as start_count,
        cast(coalesce(d.due_micros, 0) as bigint) as due_micros,
        cast(coalesce(b.billed_micros, 0) as bigint) as billed_micros,
        cast(coalesce(o.owned_micros, 0) as bigint) as owned_micros,
        coalesce(d.due_micros, 0) - coalesce(b.billed_micros, 0) - coalesce(o.owned_micros, 0) as left_micros,
        coalesce(d.rounding_micros, 0) as rounding_micros,
        o.owner_ids,
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
    left join owned as o
        on
            coalesce(d.charge_month, b.charge_month) = o.charge_month
            and coalesce(d.account_id, b.account_id) = o.account_id
            and coalesce(d.subscription_id, b.subscription_id) = o.subscription_id
            and coalesce(d.charge_code, b.charge_code) = o.charge_code
            and coalesce(d.currency_code, b.currency_code) = o.currency_code
    left join {{ ref('stg_crm__accounts') }} as a on coalesce(d.account_id, b.account_id) = a.account_id
),

-- a discount on several charges may be rounded on each or on their sum
final as (
    select
        charge_month, account_id, subscription_id, charge_code, currency_code, is_free_account, service_id,
        price_rule_id, price_micros, month_day_count, due_days, line_days, covered_days, line_count, start_count,
        due_micros, billed_micros, owned_micros,
        cast(case when abs(left_micros) <= rounding_micros then left_micros else 0 end as bigint) as rounded_micros,
        cast(case when abs(left_micros) <= rounding_micros then 0 else left_micros end as bigint) as open_micros,
        owner_ids, invoice_line_ids, _source_file, _source_row, _file_hash
    from compared
)

select * from final
