-- what ties on the left ties on the right: every record of both sides is in exactly one result type
select
    sum(left_count) as left_count,
    sum(right_count) as right_count
from {{ ref('fct_usage_reconciliation') }}
where result_type in ('matched', 'matched_with_difference')
having sum(left_count) <> sum(right_count)
