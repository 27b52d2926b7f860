-- least amounts agreed for a month, what was charged towards them, and the true-up due and billed
with

months as (
    {{ date_spine(window_from(), add_days(window_to(), -1), 'month') }}
),

commitments as (
    select * from {{ ref('int_billing__priced_commitments') }}
    where commitment_type = 'minimum' and has_true_up and series_unit = 'month' and series_step = 1
),

-- a month is judged when the account got its bill of it
billed_months as (
    select distinct
        account_id,
        billing_month
    from {{ ref('int_billing__billed_invoices') }}
    where is_billed
),

committed as (
    select
        c.*,
        m.spine_on as charge_month,
        {{ days_between(
            'greatest(c.valid_from_on, m.spine_on)', 'least(c.valid_to_on, ' ~ add_months_to('m.spine_on', 1) ~ ')'
        ) }} as day_count,
        cast(day(last_day(m.spine_on)) as bigint) as month_day_count
    from commitments as c
    inner join months as m
        on c.valid_from_on < {{ add_months_to('m.spine_on', 1) }} and c.valid_to_on > m.spine_on
    inner join billed_months as b on c.account_id = b.account_id and m.spine_on = b.billing_month
),

lines as (
    select
        l.*,
        {{ month_of('l.service_start_on') }} as charge_month,
        {{ to_micros('l.line_amount') }} as line_micros
    from {{ ref('stg_billing__invoice_lines') }} as l
    inner join {{ ref('int_billing__billed_invoices') }} as i on l.invoice_id = i.invoice_id and i.is_billed
    inner join (select distinct account_id from commitments) as c on l.account_id = c.account_id
    where l.line_type in ('recurring', 'usage', 'one_off', 'minimum') and {{ in_window('l.service_start_on') }}
),

spent as (
    select
        c.commitment_id,
        c.charge_month,
        sum(case
            when
                l.line_type <> 'minimum'
                and c.charge_type in ('all', l.line_type)
                and coalesce(c.subscription_id = l.subscription_id, c.subscription_id is null)
                and coalesce(c.product_offering_id = l.product_offering_id, c.product_offering_id is null)
                and coalesce(c.charge_code = l.charge_code, c.charge_code is null) then l.line_micros
            else 0
        end) as spent_micros,
        sum(case
            when l.line_type = 'minimum' and coalesce(l.charge_code, c.commitment_id) in (c.commitment_id, 'MINIMUM')
                then l.line_micros
            else 0
        end) as billed_micros,
        max(case when l.line_type = 'minimum' then l.invoice_line_id end) as invoice_line_id,
        max(case when l.line_type = 'minimum' then l._source_file end) as line_file,
        max(case when l.line_type = 'minimum' then l._source_row end) as line_row,
        max(case when l.line_type = 'minimum' then l._file_hash end) as line_hash
    from committed as c
    inner join lines as l on c.account_id = l.account_id and c.charge_month = l.charge_month
    group by c.commitment_id, c.charge_month
),

owed as (
    select
        c.*,
        coalesce(s.spent_micros, 0) as spent_micros,
        coalesce(s.billed_micros, 0) as billed_micros,
        s.invoice_line_id, s.line_file, s.line_row, s.line_hash,
        case
            when c.day_count = c.month_day_count or c.proration_type = 'none' then c.commitment_micros
            else {{ ratio_micros('c.day_count', 'c.commitment_micros', 'c.month_day_count', '10000') }}
        end as owed_micros
    from committed as c
    left join spent as s on c.commitment_id = s.commitment_id and c.charge_month = s.charge_month
),

final as (
    select
        o.commitment_id, o.charge_month, o.account_id, o.subscription_id, o.currency_code, o.source_feed,
        o.day_count, o.month_day_count,
        cast(o.owed_micros as bigint) as owed_micros,
        cast(o.spent_micros as bigint) as spent_micros,
        cast(greatest(o.owed_micros - o.spent_micros, 0) as bigint) as due_micros,
        cast(o.billed_micros as bigint) as billed_micros,
        -- relief that was agreed on paper
        case
            when o.charge_month >= a.relief_from_on and o.charge_month < {{ open_end('a.relief_to_on') }}
                then a.relief_reference
        end as relief_reference,
        o.invoice_line_id, o.line_file, o.line_row, o.line_hash,
        o._source_file, o._source_row, o._file_hash
    from owed as o
    left join {{ ref('stg_crm__agreements_b2b') }} as a
        on o.source_feed = 'agreements_b2b' and o.commitment_id = a.agreement_id
)

select * from final
