-- charges that fall due once: at the start of an offer at its price, or as an item of an order carries them
with

prices as (
    select * from {{ ref('int_catalogue__prices') }}
    where charge_type = 'one_off'
),

terms as (
    select * from {{ ref('int_billing__offer_terms') }}
),

started as (
    select
        c.charge_set, c.account_id, c.subscription_id, c.service_id, c.product_offering_id, c.unit_milli,
        p.charge_code, p.price_rule_id, p.price_micros, p.part_decimals, p.tax_group_code, p.currency_code,
        cast(null as string) as order_item_id, c.valid_from_on as charge_on,
        row_number() over (
            partition by c.charge_set, c.subscription_id, p.price_rule_id, t.valid_from_on
            order by c.valid_from_on, c.unit_milli
        ) as start_no
    from {{ ref('int_billing__chargeable_periods') }} as c
    inner join terms as t
        on
            c.subscription_id = t.subscription_id
            and c.product_offering_id = t.product_offering_id
            and c.valid_from_on >= t.valid_from_on
            and c.valid_from_on < t.valid_to_on
    inner join prices as p
        on
            c.product_offering_id = p.product_offering_id
            and t.valid_from_on >= p.valid_from_on
            and t.valid_from_on < p.valid_to_on
    where not c.is_kept and c.valid_from_on < c.valid_to_on and t.valid_from_on >= {{ window_from() }}
),

-- the last state of an item decides; the day is the one agreed, and never that of the machine
orders as (
    select
        *,
        row_number() over (partition by order_item_id order by state_at desc) as state_no
    from {{ ref('stg_crm__order_items') }}
),

ordered as (
    select
        o.order_item_id, o.subscription_id, o.service_id, o.product_offering_id, o.charge_code,
        {{ to_micros('o.charge_amount') }} as price_micros,
        {{ to_milli('coalesce(o.unit_count, 1)') }} as unit_milli,
        o.tax_group_code, o.currency_code,
        coalesce(o.charge_on, o.requested_on) as charge_on
    from orders as o
    where o.state_no = 1 and o.state_code = 'completed' and o.charge_amount is not null
),

owners as (
    select * from {{ ref('int_customers__subscription_accounts') }}
),

sets as (
    select 'entitled' as charge_set
    union all
    select 'billed' as charge_set
    union all
    select 'both' as charge_set
),

due as (
    select * from started
    where start_no = 1
    union all
    select
        s.charge_set, w.account_id, o.subscription_id, o.service_id, o.product_offering_id, o.unit_milli,
        coalesce(o.charge_code, 'ORDER') as charge_code, cast(null as string) as price_rule_id, o.price_micros,
        cast(2 as bigint) as part_decimals, o.tax_group_code, o.currency_code, o.order_item_id, o.charge_on,
        1 as start_no
    from ordered as o
    inner join owners as w on o.subscription_id = w.subscription_id
    cross join sets as s
    where o.charge_on is not null
),

final as (
    select
        d.charge_set,
        concat(
            d.account_id, '|', cast({{ month_of('d.charge_on') }} as string), '|one_off|', d.subscription_id, '|',
            coalesce(d.product_offering_id, ''), '|', d.charge_code, '|', cast(d.charge_on as string), '|',
            coalesce(d.order_item_id, '')
        ) as charge_key,
        {{ month_of('d.charge_on') }} as charge_month,
        coalesce(p.billing_month, {{ month_of('d.charge_on') }}) as billing_month,
        d.account_id,
        d.subscription_id, d.service_id, d.product_offering_id, d.charge_code, d.order_item_id,
        d.charge_on,
        d.tax_group_code,
        d.currency_code,
        d.price_rule_id,
        d.price_micros,
        d.unit_milli,
        cast({{ signed_quotient(
            wide_integer('d.price_micros') ~ ' * d.unit_milli',
            '1000 * ' ~ power_of_ten('6 - least(d.part_decimals, 6)'), "'half_up'"
        ) }} * {{ power_of_ten('6 - least(d.part_decimals, 6)') }} as bigint) as gross_micros
    from due as d
    left join {{ ref('int_billing__account_periods') }} as p
        on d.account_id = p.account_id and d.charge_on >= p.period_start_on and d.charge_on < p.period_end_on
    where
        ({{ in_window(month_of('d.charge_on')) }})
        or ({{ in_window('coalesce(p.billing_month, ' ~ month_of('d.charge_on') ~ ')') }})
)

select * from final
