-- findings without a moment of their own (a month's charge, a missing line) stand on the first day of their month
with

final as (
    select
        control_id,
        coalesce(cast(event_at as date), period) as event_on,
        count(*) as finding_count,
        {{ amount('sum(under_amount)') }} as under_amount,
        {{ amount('sum(over_amount)') }} as over_amount,
        currency_code
    from {{ ref('fct_findings') }}
    group by control_id, coalesce(cast(event_at as date), period), currency_code
)

select * from final
