-- expected less all steps is billed, for every account, month and stream
select
    billing_month,
    account_id,
    revenue_stream,
    sum(case when step_code = 'expected' then step_amount else 0 end) as expected_amount,
    sum(case when step_code not in ('expected', 'billed') then step_amount else 0 end) as steps_amount,
    sum(case when step_code = 'billed' then step_amount else 0 end) as billed_amount
from {{ ref('fct_bridge') }}
group by billing_month, account_id, revenue_stream
having
    sum(case when step_code = 'expected' then step_amount else -step_amount end)
    <> 0
