-- one finding per element, service and hour in which network and rated events do not balance
with

owned as (
    select * from {{ ref('int_usage__owned_amounts') }}
    where control_id = 'USG-02'
),

first_records as (
    select
        *,
        row_number() over (
            partition by category, event_month, value_key
            order by abs(step_micros) desc, record_no
        ) as record_rank
    from owned
),

buckets as (
    select
        category,
        event_month,
        value_key,
        count(*) as record_count,
        count(distinct account_id) as account_count,
        sum(coalesce(left_quantity, 0)) as left_quantity,
        sum(coalesce(right_quantity, 0)) as right_quantity,
        sum(greatest(step_micros, 0)) as under_micros,
        sum(greatest(-step_micros, 0)) as over_micros
    from owned
    group by category, event_month, value_key
),

found as (
    select
        b.category,
        b.event_month as period,
        b.value_key,
        r.started_at as event_at,
        case when b.account_count = 1 then r.account_id end as account_id,
        case when b.record_count = 1 then r.subscription_id end as subscription_id,
        b.under_micros as expected_micros,
        b.over_micros as actual_micros,
        b.under_micros,
        b.over_micros,
        r.step_code,
        concat(
            cast(b.record_count as string), ' records of the hour do not balance: network ',
            cast(b.left_quantity as string), ', rated ', cast(b.right_quantity as string),
            '; the accounts rated whole with and without them differ by ',
            {{ amount_text('b.under_micros - b.over_micros') }}, '; the greatest record is shown'
        ) as arithmetic,
        r.price_rule_id,
        case when r.left_file_hash is not null then 'network_usage' end as left_feed,
        r.left_source_file,
        r.left_source_row,
        r.left_file_hash,
        r.left_record_id as left_key,
        case when r.left_file_hash is not null then {{ json_record({
            'network_record_id': 'r.left_record_id', 'ne_id': 'r.ne_id', 'usage_file_name': 'r.usage_file_name',
            'service_id': 'r.service_id', 'service_code': 'r.service_code', 'started_at': 'r.started_at',
            'quantity': 'r.left_quantity'
        }) }} end as left_record,
        case when r.right_file_hash is not null then 'rated_usage' end as right_feed,
        r.right_source_file,
        r.right_source_row,
        r.right_file_hash,
        r.rated_usage_id as right_key,
        case when r.right_file_hash is not null then {{ json_record({
            'rated_usage_id': 'r.rated_usage_id', 'service_id': 'r.service_id', 'service_code': 'r.service_code',
            'started_at': 'r.started_at', 'quantity': 'r.right_quantity'
        }) }} end as right_record
    from buckets as b
    inner join first_records as r
        on
            b.category = r.category
            and b.event_month = r.event_month
            and b.value_key = r.value_key
            and r.record_rank = 1
),

final as (
    {{ findings('found', 'USG-02', [
        'event_at', 'account_id', 'subscription_id', 'expected_micros', 'actual_micros', 'under_micros', 'over_micros',
        'step_code', 'arithmetic', 'price_rule_id',
        'left_feed', 'left_source_file', 'left_source_row', 'left_file_hash', 'left_key', 'left_record',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
