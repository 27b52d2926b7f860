-- what holds for the statement of a month: the newest version of the agreement in it
with

months as (
    {{ date_spine(window_from(), last_month(), 'month') }}
),

overlapping as (
    select
        m.spine_on as statement_month,
        a.*,
        row_number() over (
            partition by a.partner_id, a.direction_code, m.spine_on
            order by a.valid_from_on desc, a.version_no desc, a.agreement_id desc
        ) as place
    from months as m
    inner join {{ ref('int_settlement__agreements') }} as a
        on a.valid_from_on < {{ add_months_to('m.spine_on', 1) }} and m.spine_on < a.valid_to_on
    where a.is_partner_known
),

statements as (
    select
        partner_id,
        direction_code,
        {{ month_of('statement_month') }} as statement_month,
        max(issued_on) as issued_on,
        max(coalesce(issued_on, received_on)) as stated_on
    from {{ ref('stg_partners__partner_statement_totals') }}
    group by partner_id, direction_code, {{ month_of('statement_month') }}
),

final as (
    select
        o.partner_id,
        o.direction_code,
        o.statement_month,
        o.agreement_id,
        o.version_no,
        o.currency_code,
        o.settlement_currency_code,
        o.fx_rate_type,
        o.fx_day_rule,
        case
            when o.fx_day_rule = 'statement_day' then coalesce(s.issued_on, cast(last_day(o.statement_month) as date))
            else cast(last_day(o.statement_month) as date)
        end as fx_rate_on,
        o.tax_ratio,
        o.tolerance_ratio,
        o.tolerance_micros,
        o.dispute_days,
        o.netting_group,
        s.issued_on,
        coalesce(s.stated_on, cast(last_day(o.statement_month) as date)) as stated_on
    from overlapping as o
    left join statements as s
        on
            o.partner_id = s.partner_id
            and o.direction_code = s.direction_code
            and o.statement_month = s.statement_month
    where o.place = 1
)

select * from final
