with

partner_months as (
    select
        {{ month_of('event_on') }} as billing_month,
        count(*) as interconnect_count,
        0 as declared_line_count
    from {{ ref('int_settlement__routed_events') }}
    group by {{ month_of('event_on') }}
    union all
    select
        statement_month as billing_month,
        0 as interconnect_count,
        count(*) as declared_line_count
    from {{ ref('int_settlement__declared_lines') }}
    group by statement_month
),

final as (
    select
        billing_month,
        cast(sum(interconnect_count) as bigint) as interconnect_count,
        cast(sum(declared_line_count) as bigint) as declared_line_count
    from partner_months
    group by billing_month
)

select * from final
