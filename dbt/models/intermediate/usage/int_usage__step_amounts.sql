-- what each changed record is worth: positive is value lost on the way to billing, negative value added there
with

sets as (
    select * from {{ ref('int_usage__chain_sets') }}
),

rated as (
    {{ rate_usage('sets', [
        'record_no', 'step_no', 'phase', 'subscription_id', 'service_code', 'event_month', 'has_changes_last',
        'is_changed'
    ], detailed='tier_set >= 4') }}
),

counted as (
    select
        r.*,
        c.counter_key
    from rated as r
    inner join {{ ref('int_usage__chain_counters') }} as c
        on
            r.subscription_id = c.subscription_id
            and r.service_code = coalesce(c.service_code, r.service_code)
            and r.event_month = c.event_month
            and r.step_no = c.step_no
),

totals as (
    select
        counter_key,
        event_month,
        step_no,
        sum(case when phase = 'P' then coalesce(charge_micros, 0) else -coalesce(charge_micros, 0) end) as step_micros
    from counted
    where not has_changes_last
    group by counter_key, event_month, step_no
),

shares as (
    select
        record_no,
        counter_key,
        subscription_id,
        service_code,
        event_month,
        step_no,
        max(price_rule_id) as price_rule_id,
        max(rated_milli) as rated_milli,
        cast(sum(case when phase = 'P' then coalesce(charge_micros, 0) else -coalesce(charge_micros, 0) end) as bigint)
            as share_micros
    from counted
    where is_changed and has_changes_last
    group by record_no, counter_key, subscription_id, service_code, event_month, step_no
),

ranked as (
    select
        s.*,
        t.step_micros,
        sum(s.share_micros) over (
            partition by s.counter_key, s.event_month, s.step_no
        ) as shared_micros,
        row_number() over (
            partition by s.counter_key, s.event_month, s.step_no
            order by abs(s.share_micros) desc, s.record_no
        ) as share_rank
    from shares as s
    inner join totals as t
        on
            s.counter_key = t.counter_key
            and s.event_month = t.event_month
            and s.step_no = t.step_no
),

-- where an allowance covers several prices the shares may miss the difference; the largest takes the rest
final as (
    select
        record_no,
        subscription_id,
        service_code,
        event_month,
        step_no,
        price_rule_id,
        rated_milli,
        cast(
            share_micros + case when share_rank = 1 then step_micros - shared_micros else 0 end as bigint
        ) as step_micros
    from ranked
)

select * from final
