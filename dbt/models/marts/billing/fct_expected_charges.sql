-- what each account should be billed: usage as delivered and services as entitled, at the approved prices
with

subscriptions as (
    select * from {{ ref('int_customers__subscription_accounts') }}
),

accounts as (
    select * from {{ ref('stg_crm__accounts') }}
),

tax_groups as (
    select
        price_rule_id,
        max(tax_group_code) as tax_group_code
    from {{ ref('int_catalogue__prices') }}
    group by price_rule_id
),

usage_values as (
    select event_month, subscription_id, service_code, tax_group_code, coalesce(charge_micros, 0) as micros
    from {{ ref('int_usage__rerated') }}
    union all
    select s.event_month, s.subscription_id, s.service_code, t.tax_group_code, s.step_micros as micros
    from {{ ref('int_usage__step_amounts') }} as s
    left join tax_groups as t on s.price_rule_id = t.price_rule_id
    union all
    select event_month, subscription_id, service_code, tax_group_code, period_micros as micros
    from {{ ref('int_usage__period_charges') }}
),

usage_charges as (
    select
        v.event_month as billing_month,
        s.account_id,
        v.subscription_id,
        'usage' as charge_type,
        concat('USAGE_', upper(v.service_code)) as charge_code,
        cast(null as string) as product_offering_id,
        v.service_code,
        max(v.tax_group_code) as tax_group_code,
        cast(sum(v.micros) as bigint) as gross_micros,
        cast(0 as bigint) as discount_micros
    from usage_values as v
    left join subscriptions as s on v.subscription_id = s.subscription_id
    left join {{ ref('int_customers__prepaid_subscriptions') }} as x on v.subscription_id = x.subscription_id
    where x.subscription_id is null
    group by v.event_month, s.account_id, v.subscription_id, v.service_code
),

-- discounts of one-off charges are discounts of the bill
item_charges as (
    {% for charge_type, items, discount_micros in [
        ('recurring', 'int_billing__recurring_charges', 'discount_micros'), ('one_off', 'int_billing__one_off_items', '0')
    ] %}
    select
        charge_month as billing_month, account_id, subscription_id, '{{ charge_type }}' as charge_type, charge_code,
        product_offering_id, cast(null as string) as service_code, max(tax_group_code) as tax_group_code,
        cast(sum(gross_micros) as bigint) as gross_micros,
        cast(sum({{ discount_micros }}) as bigint) as discount_micros
    from {{ ref(items) }}
    where charge_set = 'entitled' and {{ in_window('charge_month') }}
    group by charge_month, account_id, subscription_id, charge_code, product_offering_id
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- discounts of the bill; those of a charge are in it
bill_discounts as (
    select
        c.billing_month,
        c.account_id,
        cast(null as string) as subscription_id,
        'discount' as charge_type,
        s.discount_id as charge_code,
        cast(null as string) as product_offering_id,
        cast(null as string) as service_code,
        cast(null as string) as tax_group_code,
        cast(0 as bigint) as gross_micros,
        cast(sum(s.discount_micros) as bigint) as discount_micros
    from {{ ref('int_billing__discount_shares') }} as s
    inner join {{ ref('int_billing__charges') }} as c on s.charge_key = c.charge_key
    where s.step_no > 0
    group by c.billing_month, c.account_id, s.discount_id
),

final as (
    select
        c.billing_month,
        coalesce(c.account_id, '') as account_id,
        coalesce(c.subscription_id, '') as subscription_id,
        c.charge_type,
        c.charge_code,
        coalesce(c.product_offering_id, '') as product_offering_id,
        coalesce(c.service_code, '') as service_code,
        c.tax_group_code,
        {{ from_micros('c.gross_micros') }} as gross_amount,
        {{ from_micros('c.discount_micros') }} as discount_amount,
        {{ to_cents(from_micros('(c.gross_micros - c.discount_micros)')) }} as net_amount,
        coalesce(a.currency_code, '{{ var("currency_code") }}') as currency_code
    from (
        select * from usage_charges
        union all
        select * from item_charges
        union all
        select * from bill_discounts
    ) as c
    left join accounts as a on c.account_id = a.account_id
    where coalesce(a.account_type, '') not in ({{ not_charged_accounts() }})
)

select * from final
