-- discounts given on each charge of a month beside what the register allows on what was charged
with

due as (
    select
        charge_month, account_id, subscription_id, charge_code, currency_code,
        sum(gross_micros) as due_gross_micros,
        sum(discount_micros) as due_discount_micros,
        sum(fixed_micros) as fixed_micros,
        sum(rounding_micros) as moved_rounding_micros
    from {{ ref('int_billing__recurring_dues') }}
    group by charge_month, account_id, subscription_id, charge_code, currency_code
),

copies as (
    select invoice_line_id from {{ ref('int_billing__copied_lines') }}
),

given as (
    select
        l.charge_month, l.account_id, l.subscription_id, l.charge_code, l.currency_code,
        sum(case when l.line_type = 'recurring' then l.line_micros else 0 end) as gross_micros,
        sum(case when l.line_type = 'discount' then -l.line_micros else 0 end) as granted_micros,
        sum(case when l.line_type = 'discount' then 1 else 0 end) as discount_count,
        count(distinct l.discount_id) as grant_count,
        bool_or(coalesce(r.stacking_type = 'exclusive', false)) as has_exclusive
    from {{ ref('int_billing__recurring_lines') }} as l
    left join copies as c on l.invoice_line_id = c.invoice_line_id
    left join {{ ref('int_billing__discount_grants') }} as r on l.discount_id = r.discount_id
    where c.invoice_line_id is null
    group by l.charge_month, l.account_id, l.subscription_id, l.charge_code, l.currency_code
),

allowed as (
    select
        g.*,
        case
            -- a line of the account, or of a subscription, that stands apart from what is charged
            when g.gross_micros = 0 and coalesce(d.due_gross_micros, 0) = 0 then coalesce(d.due_discount_micros, 0)
            -- what is charged without being due is another control's, its discount with it
            when coalesce(d.due_gross_micros, 0) = 0 then g.granted_micros
            when g.gross_micros = d.due_gross_micros then d.due_discount_micros
            else least(greatest(g.gross_micros, 0), d.fixed_micros + {{ ratio_micros(
                'greatest(g.gross_micros, 0)', '(d.due_discount_micros - d.fixed_micros)', 'd.due_gross_micros', '10000'
            ) }})
        end as allowed_micros,
        -- a share of another sum is rounded again
        case
            when g.gross_micros = coalesce(d.due_gross_micros, 0) then 0
            else 10000 * g.discount_count
        end + coalesce(d.moved_rounding_micros, 0) as rounding_micros
    from given as g
    left join due as d
        on
            g.charge_month = d.charge_month
            and g.account_id = d.account_id
            and g.subscription_id = d.subscription_id
            and g.charge_code = d.charge_code
            and g.currency_code = d.currency_code
    where g.discount_count > 0
),

-- lines of the account that stand apart are combined with each other
combined as (
    select
        charge_month, account_id, currency_code,
        count(*) as grant_count,
        bool_or(has_exclusive) as has_exclusive
    from given
    where subscription_id = '' and discount_count > 0
    group by charge_month, account_id, currency_code
),

final as (
    select
        a.charge_month,
        a.account_id,
        a.subscription_id,
        a.charge_code,
        a.currency_code,
        cast(a.gross_micros as bigint) as gross_micros,
        cast(a.granted_micros as bigint) as granted_micros,
        cast(a.allowed_micros as bigint) as allowed_micros,
        cast(coalesce(c.grant_count, a.grant_count) as bigint) as grant_count,
        coalesce(c.has_exclusive, a.has_exclusive) as has_exclusive,
        cast(a.granted_micros - a.allowed_micros as bigint) as excess_micros
    from allowed as a
    left join combined as c
        on
            a.subscription_id = ''
            and a.charge_month = c.charge_month
            and a.account_id = c.account_id
            and a.currency_code = c.currency_code
    where a.granted_micros - a.allowed_micros > a.rounding_micros
)

select * from final
