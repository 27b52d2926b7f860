-- the pieces of periods that are charged, and those that are given back where a period charged in advance ends early
with

services as (
    select
        *,
        {{ series_key('series_unit', 'series_step', 'series_anchor', 'anchor_day', 'changing_account_id') }}
            as series_key
    from {{ ref('int_billing__priced_services') }}
),

prices as (
    select * from {{ ref('int_catalogue__prices') }}
    where charge_type = 'recurring'
),

-- where a service is given up in a period, the period was charged before that was known
met as (
    select
        s.charge_set, s.subscription_id, s.account_id, s.service_id, s.product_offering_id, s.unit_milli,
        s.price_rule_id, s.term_from_on, s.series_unit, s.series_step, s.valid_from_on as service_from_on,
        s.valid_to_on as service_to_on,
        q.charge_code, q.charge_timing, q.early_end_rule, q.proration_type,
        p.period_start_on, p.period_end_on, p.full_start_on, p.full_end_on, p.is_bridge, p.bridge_basis,
        greatest(s.valid_from_on, s.price_from_on, p.period_start_on) as from_on,
        least(s.valid_to_on, s.price_to_on, p.period_end_on) as to_on,
        least(s.price_to_on, p.period_end_on) as whole_to_on,
        q.charge_timing = 'advance' and q.early_end_rule in ('credit', 'keep')
        and s.valid_to_on < least(s.price_to_on, p.period_end_on) as is_ended_early
    from services as s
    inner join {{ ref('int_billing__charge_periods') }} as p
        on
            s.series_key = p.series_key
            and s.valid_from_on < p.period_end_on
            and s.price_from_on < p.period_end_on
            and s.price_to_on > p.period_start_on
            and (s.valid_to_on > p.period_start_on or s.valid_from_on >= p.period_start_on)
    inner join prices as q on s.price_rule_id = q.price_rule_id
    where
        p.period_end_on >= {{ window_from() }}
        and p.period_start_on < {{ add_months_to(window_to(), 2) }}
),

pieces as (
    select
        'charge' as piece_type, *, from_on as valid_from_on,
        case when is_ended_early then whole_to_on else to_on end as valid_to_on
    from met
    where from_on < case when is_ended_early then whole_to_on else to_on end
    union all
    select
        'credit' as piece_type, *,
        greatest(service_to_on, from_on) as valid_from_on, whole_to_on as valid_to_on
    from met
    where is_ended_early and early_end_rule = 'credit' and from_on < whole_to_on
),

final as (
    select
        piece_type,
        charge_set,
        account_id,
        subscription_id,
        service_id,
        product_offering_id,
        charge_code,
        price_rule_id,
        proration_type,
        charge_timing,
        unit_milli,
        term_from_on,
        series_unit,
        series_step,
        period_start_on,
        period_end_on,
        full_start_on,
        full_end_on,
        is_bridge,
        bridge_basis,
        valid_from_on,
        valid_to_on,
        service_from_on,
        service_to_on,
        row_number() over (
            partition by charge_set, subscription_id, product_offering_id, charge_code, period_start_on, piece_type
            order by valid_from_on, price_rule_id, valid_to_on, unit_milli
        ) as piece_no
    from pieces
)

select * from final
