-- charges and discounts as lines, as booked; prices that contain tax still do here
with

charges as (
    select
        c.*,
        {{ tax_class_key('c') }} as tax_class_key
    from {{ ref('int_billing__charges') }} as c
),

discount_texts as (
    select
        discount_id,
        coalesce(description, discount_id) as description
    from {{ ref('stg_billing__discounts') }}
),

-- a discount for the account is one line a tax class, any other one line a charge
shares as (
    select
        case
            when s.scope_type = 'account' then concat(s.group_key, '|', c.tax_class_key)
            else concat(s.charge_key, '|', s.discount_id)
        end as line_key,
        case when s.scope_type <> 'account' then s.charge_key end as single_charge_key,
        s.discount_id, s.group_key, s.step_no, s.discount_micros, s.charge_key, c.tax_class_key, c.minor_step_micros,
        case when s.discount_micros < 0 then -1 else 1 end as sign_no
    from {{ ref('int_billing__discount_shares') }} as s
    inner join charges as c on s.charge_key = c.charge_key
),

discount_lines as (
    select
        line_key, max(single_charge_key) as single_charge_key, min(charge_key) as first_charge_key, discount_id,
        group_key, max(step_no) as step_no, tax_class_key, max(minor_step_micros) as step_micros,
        cast(sum(abs(discount_micros)) as bigint) as weight_micros, max(sign_no) as sign_no
    from shares
    group by line_key, discount_id, group_key, tax_class_key
),

-- exact shares have fractions of the minor unit; their lines are booked so that they add up
totals as (
    select
        *,
        cast(
            {{ round_to_step('sum(weight_micros) over (partition by group_key, discount_id)', 'step_micros') }}
            as bigint
        ) as total_micros
    from discount_lines
),

booked as (
    {{ spread('totals', 'group_key, discount_id', 'line_key') }}
),

final as (
    select
        charge_key as line_key, charge_key, 1 as kind_no, billing_month, origin_month, account_id, line_type,
        subscription_id, service_id, product_offering_id, charge_code, description, service_code, zone_code,
        cast(null as string) as discount_id, quantity, unit_code, gross_micros as line_micros, tax_group_code,
        tax_class_key, service_start_on, service_end_on, event_count, price_rule_id, gl_account_id, arithmetic,
        currency_code
    from charges
    union all
    select
        b.line_key, b.single_charge_key as charge_key, 2 + b.step_no as kind_no, c.billing_month, c.origin_month,
        c.account_id, 'discount' as line_type,
        case when b.single_charge_key is not null then c.subscription_id end as subscription_id,
        case when b.single_charge_key is not null then c.service_id end as service_id,
        case when b.single_charge_key is not null then c.product_offering_id end as product_offering_id,
        case when b.single_charge_key is not null then c.charge_code else b.discount_id end as charge_code,
        t.description,
        case when b.single_charge_key is not null then c.service_code end as service_code,
        case when b.single_charge_key is not null then c.zone_code end as zone_code,
        b.discount_id, cast(null as decimal(18, 3)) as quantity, cast(null as string) as unit_code,
        cast(-b.sign_no * b.share_micros as bigint) as line_micros, c.tax_group_code, b.tax_class_key,
        c.service_start_on, c.service_end_on, cast(0 as bigint) as event_count,
        case when b.single_charge_key is not null then c.price_rule_id end as price_rule_id, c.gl_account_id,
        concat(
            'discount ', b.discount_id, ', ', cast(b.step_no as string), '. in order = ',
            {{ amount_text('-b.sign_no * b.share_micros') }}
        ) as arithmetic,
        c.currency_code
    from booked as b
    inner join charges as c on b.first_charge_key = c.charge_key
    left join discount_texts as t on b.discount_id = t.discount_id
    where b.share_micros <> 0
)

select * from final
