-- what a discount line takes off beyond the register, shared among the lines at fault: strangers and ended grants first
{% set charge = 'charge_month, account_id, subscription_id, charge_code, currency_code' %}
with

excesses as (
    select * from {{ ref('int_billing__discount_groups') }}
),

grants as (
    select * from {{ ref('int_billing__discount_grants') }}
),

-- bills that have as many lines as a grant asks for
holding as (
    select distinct charge_month, account_id, discount_id
    from {{ ref('int_billing__recurring_discounts') }}
    where charge_set = 'billed'
),

-- a line for the account, or for all charges of a subscription, may show a grant for a part of them
lines as (
    select
        l.*,
        x.excess_micros, x.grant_count, x.has_exclusive, x.gross_micros,
        g.discount_id is null
        or coalesce(g.account_id, l.account_id) <> l.account_id
        or (l.subscription_id <> '' and coalesce(g.subscription_id, l.subscription_id) <> l.subscription_id)
        or (
            l.subscription_id <> '' and l.charge_code <> '' and coalesce(g.charge_code, l.charge_code) <> l.charge_code
        )
        or coalesce(g.product_offering_id <> l.product_offering_id, false)
        or (
            g.is_approved and h.discount_id is null and (l.subscription_id = '' or g.minimum_line_count is not null)
        ) as is_stranger,
        coalesce(l.service_start_on >= g.valid_to_on, false) as is_past_end,
        coalesce(l.service_start_on >= g.granted_to_on, false) as is_ended,
        coalesce(l.service_start_on < g.valid_from_on, false) as is_early,
        coalesce(g.is_promotion, false) as is_promotion,
        coalesce(g.subscription_id, g.account_id) is null as is_for_everyone,
        coalesce(g.is_approved, true) as is_approved,
        l.subscription_id <> '' or g.ceiling_ratio is not null as is_limited,
        g.granted_to_on,
        g.rate_ratio
    from {{ ref('int_billing__recurring_lines') }} as l
    inner join excesses as x
        on
            l.charge_month = x.charge_month
            and l.account_id = x.account_id
            and l.subscription_id = x.subscription_id
            and l.charge_code = x.charge_code
            and l.currency_code = x.currency_code
    left join {{ ref('int_billing__copied_lines') }} as c on l.invoice_line_id = c.invoice_line_id
    left join grants as g on l.discount_id = g.discount_id
    left join holding as h
        on l.charge_month = h.charge_month and l.account_id = h.account_id and l.discount_id = h.discount_id
    where l.line_type = 'discount' and c.invoice_line_id is null
),

ranked as (
    select
        *,
        case when is_ended or is_early then 1 when is_stranger then 2 when not is_approved then 3 else 4 end
            as fault_rank
    from lines
),

-- each takes its own amount of what is too much; the last one takes the rest
shared as (
    select
        *,
        greatest(0, least(-line_micros, excess_micros - coalesce(sum(-line_micros) over (
            partition by {{ charge }} order by fault_rank asc, line_micros asc, invoice_line_id desc
            rows between unbounded preceding and 1 preceding
        ), 0))) as fault_micros
    from ranked
),

judged as (
    select
        *,
        case
            when fault_rank = 1 and is_promotion and is_past_end then 'PROMO_EXPIRED'
            when fault_rank = 1 and is_promotion and is_ended then 'CYCLES_EXCEEDED'
            when fault_rank = 1 then 'EXPIRED'
            when fault_rank = 2 and is_promotion and is_for_everyone then 'NOT_ELIGIBLE'
            when fault_rank = 2 then 'NO_ENTITLEMENT'
            when fault_rank = 3 then 'NO_APPROVAL'
            when grant_count > 1 and has_exclusive then 'EXCLUSIVE_COMBINED'
            when grant_count > 1 and is_limited then 'STACK_EXCEEDS'
            else 'VALUE_HIGH'
        end as category
    from shared
    where fault_micros > 0
),

final as (
    select
        case
            when category in ('EXCLUSIVE_COMBINED', 'STACK_EXCEEDS') then 'RAT-10'
            when category = 'NOT_ELIGIBLE' then 'POM-03'
            when category not in ('PROMO_EXPIRED', 'CYCLES_EXCEEDED') then 'BIL-07'
            -- a promotion may run on for a cycle before it is held against anyone
            when charge_month >= {{ add_months_to(
                month_of(add_days('granted_to_on', -1)), 1 + var('promotion_grace_cycles')
            ) }} then 'POM-03'
        end as control_id,
        category, charge_month, account_id, subscription_id, charge_code, discount_id, invoice_line_id, currency_code,
        cast(gross_micros as bigint) as gross_micros,
        cast(-line_micros as bigint) as granted_micros,
        cast(fault_micros as bigint) as fault_micros,
        granted_to_on, rate_ratio, _source_file, _source_row, _file_hash
    from judged
)

select * from final
