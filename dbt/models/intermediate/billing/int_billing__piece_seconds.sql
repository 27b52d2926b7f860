-- pieces charged by the second, from moment to moment: local midnight where only the day is known
with

pieces as (
    select * from {{ ref('int_billing__charge_pieces') }}
    where proration_type = 'second'
),

moments as (
    select
        'entitled' as charge_set,
        subscription_id,
        product_offering_id,
        valid_from_on,
        valid_to_on,
        valid_from_at,
        valid_to_at
    from {{ ref('int_customers__service_history') }}
    union all
    select
        'billed' as charge_set, subscription_id, product_offering_id, valid_from_on,
        {{ open_end('valid_to_on') }} as valid_to_on, valid_from_at, valid_to_at
    from {{ ref('stg_billing__subscriptions') }}
),

begun as (
    select charge_set, subscription_id, product_offering_id, valid_from_on as moment_on, min(valid_from_at) as moment_at
    from moments
    where valid_from_at is not null
    group by charge_set, subscription_id, product_offering_id, valid_from_on
),

ended as (
    select charge_set, subscription_id, product_offering_id, valid_to_on as moment_on, max(valid_to_at) as moment_at
    from moments
    where valid_to_at is not null
    group by charge_set, subscription_id, product_offering_id, valid_to_on
),

days as (
    select valid_from_on as day_on from pieces
    union
    select valid_to_on as day_on from pieces
    union
    select period_start_on as day_on from pieces
    union
    select period_end_on as day_on from pieces
    union
    select full_start_on as day_on from pieces
    union
    select full_end_on as day_on from pieces
),

midnights as (
    select
        d.day_on,
        {{ days_between("cast('1970-01-01' as date)", 'd.day_on') }} * 86400 - m.offset_seconds as second_no
    from days as d
    inner join {{ ref('stg_tieout__midnights') }} as m on d.day_on between m.first_on and m.last_on
),

measured as (
    select
        p.*,
        case
            when p.piece_type = 'credit' then coalesce({{ epoch_seconds('e.moment_at') }}, f.second_no)
            else greatest(f.second_no, coalesce({{ epoch_seconds('b.moment_at') }}, f.second_no))
        end as from_second,
        case
            when p.piece_type = 'charge' and p.valid_to_on = p.service_to_on
                then least(q.second_no, coalesce({{ epoch_seconds('e.moment_at') }}, q.second_no))
            else q.second_no
        end as to_second,
        s.second_no as full_from_second,
        u.second_no as full_to_second
    from pieces as p
    inner join midnights as f on p.valid_from_on = f.day_on
    inner join midnights as q on p.valid_to_on = q.day_on
    inner join midnights as s on p.full_start_on = s.day_on
    inner join midnights as u on p.full_end_on = u.day_on
    left join begun as b
        on
            case p.charge_set when 'both' then 'billed' else p.charge_set end = b.charge_set
            and p.subscription_id = b.subscription_id
            and p.product_offering_id = b.product_offering_id
            and p.valid_from_on = b.moment_on
    left join ended as e
        on
            case p.charge_set when 'both' then 'billed' else p.charge_set end = e.charge_set
            and p.subscription_id = e.subscription_id
            and p.product_offering_id = e.product_offering_id
            and p.service_to_on = e.moment_on
),

final as (
    select
        piece_type,
        charge_set,
        subscription_id,
        price_rule_id,
        period_start_on,
        valid_from_on,
        service_from_on,
        unit_milli,
        greatest(to_second - from_second, 0) as second_count,
        full_to_second - full_from_second as full_second_count
    from measured
)

select * from final
