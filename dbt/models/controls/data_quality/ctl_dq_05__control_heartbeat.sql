-- a waiver that somebody approved is no finding, nor is a control whose feeds the operator does not map at all
with

found as (
    select
        'NOT_RUN' as category,
        billing_month as period,
        control_id as value_key,
        'S2' as severity,
        'control' as match_level,
        reason as arithmetic,
        control_id as left_key
    from {{ ref('int_controls__status') }}
    where not is_run and not is_waived and is_scheduled and control_id <> 'DQ-05'
),

final as (
    {{ findings('found', 'DQ-05', ['severity', 'match_level', 'arithmetic', 'left_key']) }}
)

select * from final
