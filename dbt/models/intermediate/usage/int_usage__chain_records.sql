-- where each record of a disturbed counter leaves or enters the chain from the network to billing (BRIDGE.md)
--   1 lost before rating, 2 its service is not in billing, 3 waits in suspense, 4 only billing has it
with

placed as (
    select * from {{ ref('int_usage__record_changes') }}
),

left_sides as (
    select
        *,
        left_no as record_no,
        left_event_on as record_on,
        left_started_at as started_at,
        coalesce(rated_usage_id, left_record_id) as event_id,
        left_quantity as network_quantity,
        case when change_type in ('altered', 'steady') then right_quantity else left_quantity end as billed_quantity,
        0 as enters_at,
        case
            when change_type in ('lost', 'lost_file') then 1
            when change_type in ('not_in_billing', 'not_charged_account') then 2
            when change_type = 'waiting' then 3
            when change_type = 'month_shift' then 4
        end as exits_at
    from placed
    where left_no is not null
),

right_sides as (
    select
        *,
        right_no as record_no,
        right_event_on as record_on,
        right_started_at as started_at,
        rated_usage_id as event_id,
        right_quantity as network_quantity,
        right_quantity as billed_quantity,
        case when change_type = 'steady' then 0 else 4 end as enters_at,
        cast(null as integer) as exits_at
    from placed
    where right_no is not null and (left_no is null or change_type = 'month_shift')
),

final as (
    select
        record_no,
        change_type,
        {{ month_of('record_on') }} as event_month,
        record_on as event_on,
        subscription_id,
        account_id,
        service_id,
        service_code,
        other_party_number_head,
        started_at,
        event_id,
        network_quantity,
        billed_quantity,
        enters_at,
        exits_at,
        case
            when change_type in ('altered', 'duplicate', 'near_duplicate', 'created', 'month_shift') then 4
            else exits_at
        end as changes_at,
        is_free_account,
        ne_id,
        usage_file_name,
        collection_state,
        left_record_id,
        rated_usage_id,
        left_source_file,
        left_source_row,
        left_file_hash,
        right_source_file,
        right_source_row,
        right_file_hash,
        charge_amount,
        currency_code,
        left_quantity,
        right_quantity
    from (
        select * from left_sides
        union all
        select * from right_sides
    ) as sides
)

select * from final
