-- the register of discounts with the days in which each holds; a promotion is one for everybody or for so many cycles
with

register as (
    select
        *,
        coalesce(valid_from_on, cast('0001-01-01' as date)) as from_on,
        {{ open_end('valid_to_on') }} as to_on,
        approved_by is not null or approval_reference is not null as has_approval
    from {{ ref('stg_billing__discounts') }}
),

-- an operator that names no approver at all has given its approval elsewhere
approvals as (
    select coalesce(bool_or(has_approval), false) as is_kept
    from register
),

final as (
    select
        r.discount_id,
        r.description,
        r.account_id,
        r.subscription_id,
        r.product_offering_id,
        r.scope_type,
        r.charge_type,
        r.charge_code,
        r.discount_type,
        r.rate_ratio,
        r.discount_amount,
        r.free_quantity,
        coalesce(r.compounding_type, 'compound') as compounding_type,
        coalesce(r.spread_type, 'largest_remainder') as spread_type,
        r.minimum_line_count,
        r.priority,
        coalesce(r.stacking_type, 'stackable') as stacking_type,
        r.ceiling_ratio,
        r.maximum_cycle_count,
        r.approved_by,
        r.approval_reference,
        r.currency_code,
        r.from_on as valid_from_on,
        r.to_on as valid_to_on,
        -- billing months count from the first one of a grant to somebody
        case
            when r.maximum_cycle_count is null or coalesce(r.subscription_id, r.account_id) is null then r.to_on
            when r.valid_from_on is null then r.to_on
            else least(r.to_on, {{ add_months_to(month_of('r.from_on'), 'r.maximum_cycle_count') }})
        end as granted_to_on,
        r.has_approval or not a.is_kept as is_approved,
        -- terms of combining, ceilings, cycles and numbers of lines are a matter of the whole bill
        coalesce(r.stacking_type, cast(r.ceiling_ratio as string)) is null
        and r.maximum_cycle_count is null
        and r.minimum_line_count is null as is_plain,
        r.maximum_cycle_count is not null or coalesce(r.subscription_id, r.account_id) is null as is_promotion,
        r._source_file,
        r._source_row,
        r._file_hash
    from register as r
    cross join approvals as a
)

select * from final
