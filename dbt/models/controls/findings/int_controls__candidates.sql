-- every row of every control, also of months in which the control does not run
with

final as (
    select * from {{ ref('ctl_dq_01__feed_arrival') }}
    union all
    select * from {{ ref('ctl_dq_02__schema_and_rejects') }}
    union all
    select * from {{ ref('ctl_dq_03__match_ability') }}
    union all
    select * from {{ ref('ctl_dq_05__control_heartbeat') }}
    union all
    select * from {{ ref('ctl_usg_01__file_completeness') }}
    union all
    select * from {{ ref('ctl_usg_02__hop_balance') }}
    union all
    select * from {{ ref('ctl_usg_05__rated_not_billed') }}
    union all
    select * from {{ ref('ctl_usg_06__duplicate_events') }}
    union all
    select * from {{ ref('ctl_rat_01__independent_rerating') }}
    union all
    select * from {{ ref('ctl_pom_01__price_book') }}
    union all
    select * from {{ ref('ctl_pom_07__price_validity') }}
    union all
    select * from {{ ref('ctl_rat_03__zero_charged') }}
    union all
    select * from {{ ref('ctl_rat_02__plan_in_force') }}
    union all
    select * from {{ ref('ctl_rat_04__allowance_recomputation') }}
    union all
    select * from {{ ref('ctl_rat_05__unit_rounding') }}
    union all
    select * from {{ ref('ctl_rat_06__destination_zone') }}
    union all
    select * from {{ ref('ctl_rat_07__time_band') }}
    union all
    select * from {{ ref('ctl_ord_02__active_not_in_billing') }}
    union all
    select * from {{ ref('ctl_ord_03__billed_not_active') }}
    union all
    select * from {{ ref('ctl_ord_08__one_time_charges') }}
    union all
    select * from {{ ref('ctl_bil_01__recurring_completeness') }}
    union all
    select * from {{ ref('ctl_bil_03__invoice_arithmetic') }}
    union all
    select * from {{ ref('ctl_bil_08__tax_on_invoice') }}
    union all
    select * from {{ ref('ctl_bil_05__duplicate_charges') }}
    union all
    select * from {{ ref('ctl_bil_07__discount_entitlement') }}
    union all
    select * from {{ ref('ctl_rat_10__discount_stacking') }}
    union all
    select * from {{ ref('ctl_pom_03__promotion_past_end') }}
    union all
    select * from {{ ref('ctl_bil_02__proration') }}
    union all
    select * from {{ ref('ctl_bil_04__bill_run_completeness') }}
    union all
    select * from {{ ref('ctl_bil_11__commitments') }}
    union all
    select * from {{ ref('ctl_par_02__declared_against_measured') }}
    union all
    select * from {{ ref('ctl_par_05__route_ownership') }}
)

select * from final
