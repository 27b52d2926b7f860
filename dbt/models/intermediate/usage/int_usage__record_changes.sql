-- what happens to each record that does not tie: a pair of one month is one record whose quantity may change,
-- over a month's border it is two
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

final as (
    select
        r.*,
        f.collection_state,
        coalesce(a.account_type in ({{ not_charged_accounts() }}), false) as is_free_account,
        case
            when
                r.left_no is not null and r.right_no is not null
                and {{ month_of('r.left_event_on') }} <> {{ month_of('r.right_event_on') }} then 'month_shift'
            when r.result_type = 'matched_with_difference' then 'altered'
            when
                r.result_type = 'left_only'
                and a.account_type in ({{ not_charged_accounts() }}) then 'not_charged_account'
            when r.result_type = 'left_only' and f.collection_state is not null then 'lost_file'
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
)

select * from final
