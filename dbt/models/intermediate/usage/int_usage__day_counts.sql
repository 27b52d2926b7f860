-- what each side holds a day and service: the denominators of every usage control
with

network as (
    select
        event_on,
        service_code,
        sum(case when call_type_code <> 'terminating' and partial_of_record_id is null then 1 else 0 end) as left_count,
        sum(case when call_type_code <> 'terminating' then quantity else 0 end) as left_quantity,
        sum(case when call_type_code = 'terminating' then 1 else 0 end) as terminating_count,
        sum(case when call_type_code = 'terminating' then quantity else 0 end) as terminating_quantity
    from {{ ref('int_usage__assembled') }}
    where {{ in_window('event_on') }}
    group by event_on, service_code
),

rated as (
    select
        event_on,
        service_code,
        count(*) as right_count,
        sum(quantity) as right_quantity,
        sum(case when charge_amount = 0 then 1 else 0 end) as zero_count,
        sum(case when invoice_line_id is not null then 1 else 0 end) as linked_count,
        sum(case when _record_key is null then 1 else 0 end) as null_key_count
    from {{ ref('stg_billing__rated_usage') }}
    where {{ in_window('event_on') }}
    group by event_on, service_code
),

extra as (
    select
        event_on,
        service_code,
        count(*) as extra_count,
        sum(quantity) as extra_quantity
    from {{ ref('int_usage__untied_rated') }}
    where link_no > 1
    group by event_on, service_code
),

final as (
    select
        coalesce(n.event_on, r.event_on) as event_on,
        coalesce(n.service_code, r.service_code) as service_code,
        cast(coalesce(n.left_count, 0) as bigint) as left_count,
        cast(coalesce(n.left_quantity, 0) as decimal(38, 3)) as left_quantity,
        cast(coalesce(n.terminating_count, 0) as bigint) as terminating_count,
        cast(coalesce(n.terminating_quantity, 0) as decimal(38, 3)) as terminating_quantity,
        cast(coalesce(r.right_count, 0) - coalesce(x.extra_count, 0) as bigint) as right_count,
        cast(coalesce(r.right_quantity, 0) - coalesce(x.extra_quantity, 0) as decimal(38, 3)) as right_quantity,
        cast(coalesce(r.zero_count, 0) as bigint) as zero_count,
        cast(coalesce(r.linked_count, 0) as bigint) as linked_count,
        cast(coalesce(r.null_key_count, 0) as bigint) as null_key_count
    from network as n
    full outer join rated as r on n.event_on = r.event_on and n.service_code = r.service_code
    left join extra as x
        on
            coalesce(n.event_on, r.event_on) = x.event_on
            and coalesce(n.service_code, r.service_code) = x.service_code
)

select * from final
