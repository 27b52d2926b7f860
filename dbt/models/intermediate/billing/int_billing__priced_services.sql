-- chargeable days with each recurring price of the offer, and the series of periods that the price is charged by
with
prices as (
    select * from {{ ref('int_catalogue__prices') }}
    where charge_type = 'recurring' and series_step > 0
),

accounts as (
    select * from {{ ref('int_billing__account_bill_days') }}
),

terms as (
    select * from {{ ref('int_billing__offer_terms') }}
),

priced as (
    select
        c.charge_set, c.subscription_id, c.account_id, c.service_id, c.product_offering_id, c.unit_milli,
        p.price_rule_id, p.series_unit, p.series_step, p.trial_day_count,
        c.valid_from_on, c.valid_to_on,
        p.valid_from_on as price_from_on, p.valid_to_on as price_to_on,
        coalesce(a.bill_day, 1) as bill_day,
        case when coalesce(a.is_changed, false) then c.account_id end as changing_account_id,
        case
            when p.period_alignment = 'bill_day' and p.series_unit = 'day' then 'offer'
            when p.period_alignment = 'calendar' and p.period_unit = 'day' then 'offer'
            when p.period_alignment is not null then p.period_alignment
            when p.period_unit = 'day' then 'offer'
            when p.series_unit = 'day' then 'calendar'
            when coalesce(a.has_bill_day, false) then 'bill_day'
            else 'calendar'
        end as alignment
    from {{ ref('int_billing__chargeable_periods') }} as c
    inner join prices as p
        on
            c.product_offering_id = p.product_offering_id
            and c.is_kept = p.is_charged_while_suspended
            and c.valid_from_on < p.valid_to_on
            and (c.valid_to_on > p.valid_from_on or c.valid_from_on >= p.valid_from_on)
    left join accounts as a on c.account_id = a.account_id
),

-- an offer that the network grants and nobody sold begins with its first chargeable day
termed as (
    select
        p.*,
        least(coalesce(t.valid_from_on, p.valid_from_on), p.valid_from_on) as term_from_on,
        coalesce(t.offer_anchor_on, p.valid_from_on) as offer_anchor_on,
        coalesce(t.subscription_anchor_on, p.valid_from_on) as subscription_anchor_on,
        row_number() over (
            partition by p.charge_set, p.subscription_id, p.price_rule_id, p.valid_from_on, p.unit_milli
            order by t.valid_from_on
        ) as term_no
    from priced as p
    left join terms as t
        on
            p.subscription_id = t.subscription_id
            and p.product_offering_id = t.product_offering_id
            and p.valid_from_on <= t.valid_to_on
            and p.valid_to_on >= t.valid_from_on
),

anchored as (
    select
        *,
        case alignment
            when 'calendar' then cast('2001-01-01' as date)
            when 'bill_day'
                then case
                    when offer_anchor_on >= {{ day_in_month(month_number('offer_anchor_on'), 'bill_day') }}
                        then offer_anchor_on
                    else {{ add_months_to(month_of('offer_anchor_on'), -1) }}
                end
            when 'subscription' then subscription_anchor_on
            else offer_anchor_on
        end as anchor_on
    from termed
    where term_no = 1
),

final as (
    select
        charge_set,
        subscription_id,
        account_id,
        service_id,
        product_offering_id,
        unit_milli,
        price_rule_id,
        valid_from_on,
        valid_to_on,
        case
            when trial_day_count > 0 then greatest(price_from_on, {{ add_days('term_from_on', 'trial_day_count') }})
            else price_from_on
        end as price_from_on,
        price_to_on,
        term_from_on,
        alignment,
        series_unit,
        series_step,
        case series_unit
            when 'month' then {{ month_number('anchor_on') }} % series_step
            else {{ day_number('anchor_on') }} % series_step
        end as series_anchor,
        case
            when series_unit = 'day' then 0
            when alignment = 'bill_day' then bill_day
            else cast(day(anchor_on) as bigint)
        end as anchor_day,
        case when alignment = 'bill_day' then changing_account_id end as changing_account_id
    from anchored
)

select * from final
