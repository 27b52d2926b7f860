-- events whose charge follows from what only the price list of billing says: a day without a price or with two, or a
-- row that is not the approved one
with

differences as (
    select * from {{ ref('int_usage__rating_differences') }}
    where not is_free_account and not is_unpriced
),

pairs as (
    select * from {{ ref('int_catalogue__price_comparison') }}
),

faults as (
    select * from {{ ref('int_catalogue__validity_faults') }}
    where category in ('GAP', 'OVERLAP')
),

-- billing's charge is what its own row gives, and not what the approved row gives with its allowance
configured as (
    select
        event_on,
        rated_usage_id
    from {{ ref('int_usage__charge_trials') }}
    where match_no = 1 and trial_code = 'configured'
),

judged as (
    select
        d.event_on,
        d.rated_usage_id,
        min(case
            when f.category = 'GAP' and d.billed_price_rule_id is null and d.charged_micros = 0 then f.value_key
            when
                f.category = 'OVERLAP' and d.billed_price_rule_id in (f.before_id, f.after_id)
                and c.rated_usage_id is not null then f.value_key
        end) as fault_key,
        min(case when c.rated_usage_id is not null then coalesce(
            case when e.category is not null then e.price_key end,
            case when b.category is not null then b.price_key end
        ) end) as price_key
    from differences as d
    left join pairs as e on d.expected_price_rule_id = e.approved_price_rule_id
    left join pairs as b on d.billed_price_rule_id = b.configured_price_rule_id
    left join faults as f
        on
            d.event_on >= f.from_on and d.event_on < f.to_on
            and coalesce(e.configured_price_rule_id, d.expected_price_rule_id) in (f.before_id, f.after_id)
    left join configured as c on d.event_on = c.event_on and d.rated_usage_id = c.rated_usage_id
    group by d.event_on, d.rated_usage_id
),

final as (
    select
        event_on,
        rated_usage_id,
        coalesce(fault_key, price_key) as owner_key,
        fault_key is not null as is_validity_fault
    from judged
    where fault_key is not null or price_key is not null
)

select * from final
