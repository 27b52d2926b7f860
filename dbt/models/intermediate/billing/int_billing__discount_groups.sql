-- discounts given on each charge of a month beside what the register allows on what was charged
with

due as (
    select
        charge_month, account_id, subscription_id, charge_code, currency_code,
        sum(gross_micros) as due_gross_micros,
        sum(discount_micros) as due_discount_micros
    from {{ ref('int_billing__recurring_charges') }}
    where charge_set = 'billed'
    group by charge_month, account_id, subscription_id, charge_code, currency_code
    union all
    select
        charge_month, account_id, '' as subscription_id, discount_id as charge_code, currency_code,
        0 as due_gross_micros, discount_micros as due_discount_micros
    from {{ ref('int_billing__account_discounts') }}
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
        count(distinct l.discount_id) as grant_count
    from {{ ref('int_billing__recurring_lines') }} as l
    left join copies as c on l.invoice_line_id = c.invoice_line_id
    where c.invoice_line_id is null
    group by l.charge_month, l.account_id, l.subscription_id, l.charge_code, l.currency_code
),

allowed as (
    select
        g.*,
        case
            when g.subscription_id = '' then coalesce(d.due_discount_micros, 0)
            -- what is charged without being due is another control's, its discount with it
            when coalesce(d.due_gross_micros, 0) = 0 then g.granted_micros
            when g.gross_micros = d.due_gross_micros then d.due_discount_micros
            else {{ ratio_micros(
                'greatest(g.gross_micros, 0)', 'd.due_discount_micros', 'd.due_gross_micros', '10000'
            ) }}
        end as allowed_micros,
        -- a share of another sum is rounded again
        case
            when g.subscription_id = '' or g.gross_micros = coalesce(d.due_gross_micros, 0) then 0
            else 10000 * g.discount_count
        end as rounding_micros
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

final as (
    select
        charge_month,
        account_id,
        subscription_id,
        charge_code,
        currency_code,
        cast(gross_micros as bigint) as gross_micros,
        cast(granted_micros as bigint) as granted_micros,
        cast(allowed_micros as bigint) as allowed_micros,
        cast(grant_count as bigint) as grant_count,
        cast(granted_micros - allowed_micros as bigint) as excess_micros
    from allowed
    where granted_micros - allowed_micros > rounding_micros
)

select * from final
