-- depends_on: {{ ref('stg_mediation__network_usage') }}
-- depends_on: {{ ref('stg_mediation__network_profiles') }}
-- depends_on: {{ ref('stg_mediation__usage_files') }}
-- depends_on: {{ ref('stg_billing__rated_usage') }}
-- depends_on: {{ ref('stg_billing__subscriptions') }}
-- depends_on: {{ ref('stg_billing__invoices') }}
-- depends_on: {{ ref('stg_billing__bill_runs') }}
-- depends_on: {{ ref('stg_crm__agreements_b2b') }}
-- depends_on: {{ ref('stg_crm__commitments') }}
-- depends_on: {{ ref('stg_billing__invoice_lines') }}
-- depends_on: {{ ref('stg_billing__tax_rates') }}
-- depends_on: {{ ref('stg_billing__discounts') }}
-- depends_on: {{ ref('stg_billing__price_rules') }}
-- depends_on: {{ ref('stg_crm__accounts') }}
-- depends_on: {{ ref('stg_crm__approved_prices') }}
-- depends_on: {{ ref('stg_crm__crm_services') }}
-- depends_on: {{ ref('stg_billing__allowances') }}
-- depends_on: {{ ref('stg_billing__time_bands') }}
-- depends_on: {{ ref('stg_billing__destination_zones') }}
-- depends_on: {{ ref('stg_mediation__interconnect_usage') }}
-- depends_on: {{ ref('stg_partners__partner_agreements') }}
-- depends_on: {{ ref('stg_partners__partner_rates') }}
-- depends_on: {{ ref('stg_partners__partner_routes') }}
-- depends_on: {{ ref('stg_partners__partner_statements') }}
-- whether a control runs in a month, and if not, why: switched off, a feed that is not there, or nothing to look at
with

populations as (
    select * from {{ ref('int_controls__populations') }}
),

needs as (
    {{ control_needs() }}
),

missing as (
    select
        control_id,
        {{ join_texts('need') }} as missing_needs,
        bool_and(coalesce(is_mapped, false) and position('.' in need) = 0) as is_scheduled
    from needs
    where coalesce(row_count, 0) = 0
    group by control_id
),

schedule as (
    select
        p.control_id,
        p.billing_month,
        min(s.state) as state,
        min(s.reason) as reason,
        min(s.approved_by) as approved_by
    from populations as p
    inner join {{ ref('stg_tieout__control_schedule') }} as s
        on p.control_id = s.control_id and p.billing_month >= s.from_month and p.billing_month <= s.to_month
    group by p.control_id, p.billing_month
),

-- a rated side may be absent: then usage is compared with the invoice lines
rated_feed as (
    select count(*) = 1 as is_there
    from {{ ref('stg_tieout__feeds') }}
    where feed = 'rated_usage' and row_count > 0
),

stated as (
    select
        p.*,
        s.state,
        s.approved_by,
        coalesce(m.is_scheduled, true) as is_scheduled,
        case
            when s.state is not null
                then
                    concat(
                        s.state,
                        coalesce(': ' || s.reason, ''),
                        coalesce(', approved by ' || s.approved_by, '')
                    )
            when m.missing_needs is not null then concat('nothing delivered for ', m.missing_needs)
            when p.control_id = 'USG-05' and not r.is_there then null
            when p.left_count = 0 then 'nothing to check on the left side in this month'
            when p.right_count = 0 then 'nothing to check against on the right side in this month'
        end as reason
    from populations as p
    cross join rated_feed as r
    left join schedule as s on p.control_id = s.control_id and p.billing_month = s.billing_month
    left join missing as m on p.control_id = m.control_id
),

final as (
    select
        control_id,
        billing_month,
        left_count,
        right_count,
        matched_count,
        explained_count,
        pending_count,
        reason is null as is_run,
        coalesce(state = 'waived', false) as is_waived,
        is_scheduled,
        reason
    from stated
)

select * from final
