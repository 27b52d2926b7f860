-- how many rows each control had before it a month: zero findings from zero rows is no pass
with

months as (
    {{ date_spine(window_from(), add_days(window_to(), -1), 'month') }}
),

usage_months as (
    select
        {{ month_of('event_on') }} as billing_month,
        sum(left_count) as left_count,
        sum(right_count) as right_count,
        sum(zero_count) as zero_count,
        sum(linked_count) as linked_count
    from {{ ref('int_usage__day_counts') }}
    group by {{ month_of('event_on') }}
),

results as (
    select
        {{ month_of('event_on') }} as billing_month,
        sum(case when result_type = 'explained' then 1 else 0 end) as explained_count,
        sum(case when result_type = 'pending' then 1 else 0 end) as pending_count,
        sum(case when result_type = 'matched' then 1 else 0 end) as late_match_count,
        sum(case when left_no is not null then 1 else 0 end) as untied_left_count
    from {{ ref('int_usage__match_results') }}
    group by {{ month_of('event_on') }}
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
    inner join network_from as f on f.first_on <= m.spine_on
    group by m.spine_on
),

charge_months as (
    select
        charge_month as billing_month,
        sum(case when charge_set = 'billed' then 1 else 0 end) as billed_count
    from {{ ref('int_billing__recurring_charges') }}
    group by charge_month
),

line_months as (
    select
        {{ month_of('service_start_on') }} as billing_month,
        sum(case when line_type = 'recurring' then 1 else 0 end) as recurring_count,
        count(*) as line_count
    from {{ ref('stg_billing__invoice_lines') }}
    where service_start_on is not null
    group by {{ month_of('service_start_on') }}
),

invoice_months as (
    select
        coalesce({{ month_of('period_start_on') }}, {{ month_of('invoiced_on') }}) as billing_month,
        count(*) as invoice_count
    from {{ ref('stg_billing__invoices') }}
    group by coalesce({{ month_of('period_start_on') }}, {{ month_of('invoiced_on') }})
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

landed as (
    select
        sum(line_count) as line_count,
        sum(loaded_count) as loaded_count
    from {{ ref('stg_tieout__landed_files') }}
),

wide as (
    select
        m.spine_on as billing_month,
        u.left_count as network_count,
        u.right_count as rated_count,
        u.zero_count,
        u.linked_count,
        r.explained_count,
        r.pending_count,
        u.left_count - coalesce(r.untied_left_count, 0) + coalesce(r.late_match_count, 0) as matched_count,
        p.row_count as profile_count,
        c.billed_count,
        l.recurring_count,
        l.line_count,
        i.invoice_count,
        f.written_count,
        f.collected_count,
        d.expected_count,
        d.present_count,
        a.line_count as landed_line_count,
        a.loaded_count
    from months as m
    cross join landed as a
    left join usage_months as u on m.spine_on = u.billing_month
    left join results as r on m.spine_on = r.billing_month
    left join profile_months as p on m.spine_on = p.billing_month
    left join charge_months as c on m.spine_on = c.billing_month
    left join line_months as l on m.spine_on = l.billing_month
    left join invoice_months as i on m.spine_on = i.billing_month
    left join file_months as f on m.spine_on = f.billing_month
    left join feed_day_months as d on m.spine_on = d.billing_month
),

counted as (
    {% set populations = [
        ('DQ-01', 'expected_count', 'present_count', '0', '0', '0'),
        ('DQ-02', 'landed_line_count', 'loaded_count', '0', '0', '0'),
        ('DQ-03', 'rated_count', 'billed_count', '0', '0', '0'),
        ('DQ-05', '1', '1', '0', '0', '0'),
        ('USG-01', 'written_count', 'collected_count', '0', '0', '0'),
        ('USG-02', 'network_count', 'rated_count', 'matched_count', 'explained_count', 'pending_count'),
        ('USG-05', 'rated_count', 'linked_count', 'linked_count', '0', '0'),
        ('USG-06', 'rated_count', 'network_count', 'matched_count', '0', 'pending_count'),
        ('RAT-01', 'rated_count', 'rated_count', '0', '0', '0'),
        ('RAT-03', 'zero_count', 'zero_count', '0', '0', '0'),
        ('ORD-02', 'profile_count', 'billed_count', '0', '0', '0'),
        ('ORD-03', 'billed_count', 'profile_count', '0', '0', '0'),
        ('BIL-01', 'billed_count', 'recurring_count', '0', '0', '0'),
        ('BIL-03', 'line_count', 'invoice_count', '0', '0', '0')
    ] %}
    {% for control_id, left, right, matched, explained, pending in populations %}
    select
        '{{ control_id }}' as control_id, billing_month,
        {{ left }} as left_count, {{ right }} as right_count,
        {{ matched }} as matched_count, {{ explained }} as explained_count, {{ pending }} as pending_count
    from wide
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

final as (
    select
        control_id,
        billing_month,
        cast(coalesce(left_count, 0) as bigint) as left_count,
        cast(coalesce(right_count, 0) as bigint) as right_count,
        cast(coalesce(matched_count, 0) as bigint) as matched_count,
        cast(coalesce(explained_count, 0) as bigint) as explained_count,
        cast(coalesce(pending_count, 0) as bigint) as pending_count
    from counted
)

select * from final
