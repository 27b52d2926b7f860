-- rows of every kind that controls look at, a month each
with

months as (
    {{ date_spine(window_from(), add_days(window_to(), -1), 'month') }}
),

usage_months as (
    select * from {{ ref('int_controls__usage_month_counts') }}
),

network_from as (
    select min(valid_from_on) as first_on from {{ ref('stg_mediation__network_profiles') }}
),

profile_months as (
    select
        m.spine_on as billing_month,
        count(*) as row_count
    from months as m
    inner join {{ ref('stg_mediation__network_profiles') }} as p
        on p.valid_from_on < {{ add_months_to('m.spine_on', 1) }} and {{ open_end('p.valid_to_on') }} > m.spine_on
    inner join network_from as f on m.spine_on >= f.first_on
    group by m.spine_on
),

charge_months as (
    select
        charge_month as billing_month,
        sum(case when charge_set = 'billed' then 1 else 0 end) as billed_count,
        sum(case when charge_set = 'billed' and day_count < month_day_count then 1 else 0 end) as part_count
    from {{ ref('int_billing__recurring_charges') }}
    group by charge_month
),

line_months as (
    select
        {{ month_of('service_start_on') }} as billing_month,
        sum(case when line_type = 'recurring' then 1 else 0 end) as recurring_count,
        sum(case when line_type = 'discount' then 1 else 0 end) as discount_count,
        count(*) as line_count
    from {{ ref('stg_billing__invoice_lines') }}
    where service_start_on is not null
    group by {{ month_of('service_start_on') }}
),

invoice_months as (
    select
        coalesce({{ month_of('i.period_start_on') }}, {{ month_of('i.invoiced_on') }}) as billing_month,
        count(distinct i.invoice_id) as invoice_count,
        count(l.invoice_line_id) as footed_line_count
    from {{ ref('stg_billing__invoices') }} as i
    left join {{ ref('stg_billing__invoice_lines') }} as l on i.invoice_id = l.invoice_id
    group by coalesce({{ month_of('i.period_start_on') }}, {{ month_of('i.invoiced_on') }})
),

file_months as (
    select
        event_month as billing_month,
        count(*) as written_count,
        sum(collection_count) as collected_count
    from {{ ref('int_usage__file_checks') }}
    group by event_month
),

feed_day_months as (
    select
        {{ month_of('event_on') }} as billing_month,
        count(*) as expected_count,
        sum(case when row_count > 0 then 1 else 0 end) as present_count
    from {{ ref('int_data_quality__feed_days') }}
    group by {{ month_of('event_on') }}
),

commitment_months as (
    select
        charge_month as billing_month,
        count(*) as commitment_count
    from {{ ref('int_billing__commitment_checks') }}
    group by charge_month
),

landed as (
    select
        sum(line_count) as line_count,
        sum(loaded_count) as loaded_count,
        (select count(*) from {{ ref('stg_crm__approved_prices') }}) as approved_price_count,
        (select count(*) from {{ ref('stg_billing__price_rules') }}) as configured_price_count
    from {{ ref('stg_tieout__landed_files') }}
),

final as (
    select
        m.spine_on as billing_month,
        u.network_count, u.rated_count, u.zero_count, u.linked_count,
        u.explained_count, u.pending_count, u.matched_count,
        p.row_count as profile_count,
        c.billed_count, c.part_count, l.recurring_count, l.discount_count, l.line_count,
        i.footed_line_count, i.invoice_count,
        k.commitment_count,
        f.written_count, f.collected_count,
        d.expected_count, d.present_count,
        n.interconnect_count, n.declared_line_count,
        a.line_count as landed_line_count,
        a.loaded_count,
        a.approved_price_count, a.configured_price_count
    from months as m
    cross join landed as a
    left join usage_months as u on m.spine_on = u.billing_month
    left join profile_months as p on m.spine_on = p.billing_month
    left join charge_months as c on m.spine_on = c.billing_month
    left join line_months as l on m.spine_on = l.billing_month
    left join invoice_months as i on m.spine_on = i.billing_month
    left join commitment_months as k on m.spine_on = k.billing_month
    left join file_months as f on m.spine_on = f.billing_month
    left join feed_day_months as d on m.spine_on = d.billing_month
    left join {{ ref('int_controls__partner_month_counts') }} as n on m.spine_on = n.billing_month
)

select * from final
