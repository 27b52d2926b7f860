-- fixed amounts off an account's bill, in months in which enough of its lines are charged
with

grants as (
    select
        discount_id,
        account_id,
        {{ to_micros('discount_amount') }} as discount_micros,
        coalesce(minimum_line_count, 1) as minimum_line_count,
        currency_code,
        valid_from_on,
        granted_to_on as valid_to_on
    from {{ ref('int_billing__discount_grants') }}
    where discount_type = 'amount' and scope_type = 'account' and is_approved
),

lines as (
    select
        c.account_id,
        c.charge_month,
        c.currency_code,
        count(distinct c.subscription_id) as line_count
    from {{ ref('int_billing__recurring_charges') }} as c
    inner join {{ ref('stg_crm__product_offerings') }} as o on c.product_offering_id = o.product_offering_id
    where c.charge_set = 'billed' and o.product_type = 'plan'
    group by c.account_id, c.charge_month, c.currency_code
),

eligible as (
    select
        l.account_id,
        l.charge_month,
        g.discount_id,
        l.currency_code,
        l.line_count,
        g.discount_micros,
        g.minimum_line_count,
        g.valid_from_on,
        g.valid_to_on
    from lines as l
    inner join grants as g on l.account_id = g.account_id
    union all
    select
        l.account_id,
        l.charge_month,
        g.discount_id,
        l.currency_code,
        l.line_count,
        g.discount_micros,
        g.minimum_line_count,
        g.valid_from_on,
        g.valid_to_on
    from lines as l
    cross join grants as g
    where g.account_id is null
),

final as (
    select
        account_id,
        charge_month,
        discount_id,
        currency_code,
        line_count,
        discount_micros
    from eligible
    where line_count >= minimum_line_count and charge_month >= valid_from_on and charge_month < valid_to_on
)

select * from final
