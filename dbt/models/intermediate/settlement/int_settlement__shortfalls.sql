-- what an agreement with send-or-pay lacks to its commitment, in the month in which its counting period ends
with

agreements as (
    select * from {{ ref('int_settlement__agreements') }}
    where is_send_or_pay and commitment_micros > 0 and is_partner_known and counter_start_on < {{ window_to() }}
),

numbered as (
    select
        *,
        {{ each_integer('0', counter_period_no(window_to(), 'counter_start_on', 'counter_months')) }}
            as counter_period_no
    from agreements
),

periods as (
    select
        *,
        {{ counter_period_from('counter_period_no', 'counter_start_on', 'counter_months') }} as period_from_on,
        {{ counter_period_from('counter_period_no + 1', 'counter_start_on', 'counter_months') }} as period_to_on
    from numbered
),

-- the version in force on the last day of the period is the one that asks
ended as (
    select
        *,
        {{ add_days('period_to_on', -1) }} as last_on
    from periods
    where
        period_to_on <= {{ window_to() }}
        and period_to_on > valid_from_on
        and period_to_on <= valid_to_on
),

charged as (
    select
        agreement_id,
        event_on,
        line_micros
    from {{ ref('int_settlement__usage_lines') }}
    union all
    select
        agreement_id,
        statement_month as event_on,
        line_micros
    from {{ ref('int_settlement__retro_lines') }}
),

summed as (
    select
        e.agreement_id,
        e.period_from_on,
        cast(sum(c.line_micros) as bigint) as charged_micros
    from ended as e
    inner join charged as c
        on e.agreement_id = c.agreement_id and e.period_from_on <= c.event_on and e.period_to_on > c.event_on
    group by e.agreement_id, e.period_from_on
),

final as (
    select
        e.partner_id,
        e.direction_code,
        e.agreement_id,
        e.version_no,
        e.period_from_on,
        e.last_on,
        e.commitment_micros,
        coalesce(s.charged_micros, 0) as charged_micros,
        e.commitment_micros - coalesce(s.charged_micros, 0) as line_micros
    from ended as e
    left join summed as s on e.agreement_id = s.agreement_id and e.period_from_on = s.period_from_on
    where e.commitment_micros > coalesce(s.charged_micros, 0)
)

select * from final
