-- the amounts of a finding are the sum of its accounts' shares
with

shares as (
    select
        finding_id,
        sum(under_amount) as under_amount,
        sum(over_amount) as over_amount
    from {{ ref('fct_finding_allocations') }}
    group by finding_id
)

select
    f.finding_id,
    f.control_id,
    f.under_amount,
    f.over_amount,
    s.under_amount as shared_under_amount,
    s.over_amount as shared_over_amount
from {{ ref('fct_findings') }} as f
left join shares as s on f.finding_id = s.finding_id
where f.under_amount <> coalesce(s.under_amount, 0) or f.over_amount <> coalesce(s.over_amount, 0)
