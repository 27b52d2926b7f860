-- what the events of a month want of an allowance that is rolled over, after those that are used before it
with

rolled as (
    select distinct subscription_id from {{ ref('int_billing__allowance_members') }}
    where rollover_count > 0
),

-- the months before the window: an event on two invoice lines wants its quantity once
earlier as (
    select
        0 as rating_set, 1 as consume_rank, b.event_id, b.event_on, b.event_month, b.subscription_id, b.service_id,
        b.service_code, b.other_party_number, b.started_at, b.quantity, b.unit_code, b.charged_micros, b.is_charged,
        cast(null as string) as record_no, cast(null as integer) as step_no, cast(null as string) as phase,
        cast(null as boolean) as has_changes_last, cast(null as boolean) as is_changed,
        b._source_file, b._source_row, b._file_hash, b.other_party_number_head,
        row_number() over (
            partition by b.subscription_id, b.event_on, b.event_id order by b._file_hash, b._source_row
        ) as copy_no
    from {{ ref('int_usage__received_events') }} as b
    inner join rolled as r on b.subscription_id = r.subscription_id
    where
        b.event_on < {{ window_from() }}
        and b.event_month in (select m.granted_month from {{ ref('int_billing__earlier_allowance_months') }} as m)
),

earlier_once as (
    select * from earlier
    where copy_no = 1
),

{{ wanted_events('earlier_once', event_columns().replace('\n', ' ').split(', ')) }},

asking as (
    select {{ wanted_columns() }}
    from wanted
    union all
    select {{ wanted_columns() }}
    from {{ ref('int_usage__detailed_events') }}
    where tier_set = 0 and call_subscription_id in (select r.subscription_id from rolled as r)
),

{{ allowance_layers('asking', is_money=false, is_carried=false) }},

drawn as (
    {% for layer in layer_numbers() -%}
    select pool_{{ layer }}_no as pool_no, asked_{{ layer }} as asked_milli
    from layer_{{ layer }}
    where pool_{{ layer }}_no is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

final as (
    select
        pool_no,
        cast(sum(asked_milli) as bigint) as asked_milli
    from drawn
    group by pool_no
)

select * from final
