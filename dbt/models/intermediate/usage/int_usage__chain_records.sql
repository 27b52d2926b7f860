-- where each record of a disturbed counter leaves or enters the chain from the network to billing (BRIDGE.md)
--   1 lost before rating, 2 its service is not in billing, 3 waits in suspense, 4 only billing has it
with

results as (
    select * from {{ ref('int_usage__match_results') }}
    where result_type <> 'explained'
),

files as (
    select
        ne_id,
        file_name,
        min(collection_state) as collection_state
    from {{ ref('int_usage__file_checks') }}
    where collection_state in ('FILE_MISSING', 'FILE_SHORT')
    group by ne_id, file_name
),

accounts as (
    select * from {{ ref('stg_crm__accounts') }}
),

billed_periods as (
    select
        subscription_id,
        valid_from_on,
        {{ open_end('valid_to_on') }} as valid_to_on
    from {{ ref('stg_billing__subscriptions') }}
),

not_in_billing as (
    select r.left_no
    from results as r
    left join billed_periods as b
        on
            r.subscription_id = b.subscription_id
            and r.left_event_on >= b.valid_from_on
            and r.left_event_on < b.valid_to_on
    where r.result_type = 'left_only'
    group by r.left_no
    having max(b.subscription_id) is null
),

-- a pair of one month is one record whose quantity may change; over a month's border it is two
placed as (
    select
        r.*,
        f.collection_state,
        case
            when r.left_no is not null and r.right_no is not null
                and {{ month_of('r.left_event_on') }} <> {{ month_of('r.right_event_on') }} then 'month_shift'
            when r.result_type = 'matched_with_difference' then 'altered'
            when r.result_type = 'left_only' and f.collection_state is not null then 'lost_file'
            when r.result_type = 'left_only' and a.account_type in ('staff', 'test') then 'not_charged_account'
            when r.result_type = 'left_only' and n.left_no is not null then 'not_in_billing'
            when r.result_type = 'left_only' then 'lost'
            when r.result_type = 'pending' and r.left_no is not null then 'waiting'
            when r.result_type = 'ambiguous' and r.reason_code = 'duplicate' then 'duplicate'
            when r.result_type = 'ambiguous' then 'near_duplicate'
            when r.result_type = 'right_only' then 'created'
            else 'steady'
        end as change_type
    from results as r
    left join files as f on r.ne_id = f.ne_id and r.usage_file_name = f.file_name
    left join not_in_billing as n on r.left_no = n.left_no
    left join accounts as a on r.account_id = a.account_id
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
    from (select * from left_sides union all select * from right_sides) as sides
)

select * from final
