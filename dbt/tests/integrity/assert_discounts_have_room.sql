-- a bill with more discounts one after the other than discount_step_count would lose the last ones
select
    account_id,
    billing_month,
    max(step_no) as step_no
from {{ ref('int_billing__discount_steps') }}
group by account_id, billing_month
having max(step_no) > {{ var('discount_step_count') }}
