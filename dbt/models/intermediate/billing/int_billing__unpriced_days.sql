-- days that a subscription is to be charged for and its offer has no price: none at all, or a hole between two
with

months as (
    {{ date_spine(window_from(), add_days(window_to(), -1), 'month') }}
),

periods as (
    select
        c.account_id, c.subscription_id, c.product_offering_id, m.spine_on as charge_month,
        greatest(c.valid_from_on, m.spine_on) as valid_from_on,
        least(c.valid_to_on, {{ add_months_to('m.spine_on', 1) }}) as valid_to_on
    from {{ ref('int_billing__chargeable_periods') }} as c
    inner join months as m on c.valid_from_on < {{ add_months_to('m.spine_on', 1) }} and c.valid_to_on > m.spine_on
    where c.charge_set = 'entitled' and not c.is_kept
),

prices as (
    select
        *,
        lead(valid_from_on) over (
            partition by
                product_offering_id, charge_type, charge_code, coalesce(service_code, ''), coalesce(zone_code, ''),
                coalesce(time_band_code, '')
            order by valid_from_on, price_rule_id
        ) as next_from_on
    from {{ ref('int_catalogue__prices') }}
),

holes as (
    select
        c.account_id, c.subscription_id, c.charge_month, p.charge_code, 'PRICE_GAP' as reason_code,
        concat(
            p._source_file, ':', cast(p._source_row as string), ': price ', p.price_rule_id, ' of offer ',
            p.product_offering_id, ' ends on ', cast(p.valid_to_on as string), ' and the next begins on ',
            cast(p.next_from_on as string), '; let one hold in between and bill again'
        ) as reason,
        p._source_file as source_file, cast(p._source_row as bigint) as source_row,
        {{ ratio_micros(
            days_between('greatest(c.valid_from_on, p.valid_to_on)', 'least(c.valid_to_on, p.next_from_on)'),
            'greatest(p.price_micros, 0)', 'cast(day(last_day(c.charge_month)) as bigint)', '10000'
        ) }} as estimated_micros
    from periods as c
    inner join prices as p
        on
            c.product_offering_id = p.product_offering_id
            and c.valid_from_on < p.next_from_on
            and c.valid_to_on > p.valid_to_on
    where p.charge_type = 'recurring' and p.valid_to_on < p.next_from_on
),

offers_without as (
    select
        c.account_id, c.subscription_id, c.charge_month, 'PLAN' as charge_code, 'NO_PRICE' as reason_code,
        concat(
            o._source_file, ':', cast(o._source_row as string), ': plan ', o.product_offering_id,
            ' of subscription ', c.subscription_id, ' has no price; add its prices and bill again'
        ) as reason,
        o._source_file as source_file, cast(o._source_row as bigint) as source_row,
        cast(0 as bigint) as estimated_micros
    from periods as c
    inner join {{ ref('stg_crm__product_offerings') }} as o on c.product_offering_id = o.product_offering_id
    left join (select distinct product_offering_id from prices) as p on c.product_offering_id = p.product_offering_id
    where
        o.product_type = 'plan'
        and p.product_offering_id is null
        and exists (select 1 from prices)
),

united as (
    select * from holes
    union all
    select * from offers_without
),

final as (
    select
        charge_month as billing_month,
        account_id,
        subscription_id,
        charge_code,
        reason_code,
        min(reason) as reason,
        min(source_file) as source_file,
        min(source_row) as source_row,
        cast(sum(estimated_micros) as bigint) as estimated_micros
    from united
    group by charge_month, account_id, subscription_id, charge_code, reason_code
)

select * from final
