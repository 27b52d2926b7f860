-- prices that cannot be used as they stand; what is exchanged under them is shown as not settled
with

rates as (
    select
        r.*,
        a.agreement_id is not null as is_agreement_known,
        coalesce(a.is_partner_known, true) as is_partner_known,
        a.partner_id,
        a.currency_code as agreed_currency_code,
        a.rounding_scope,
        a.tier_scheme,
        max(coalesce(r.from_quantity, 0)) over (partition by r.agreement_id, r.version_no) as greatest_from_quantity
    from {{ ref('stg_partners__partner_rates') }} as r
    left join {{ ref('int_settlement__agreements') }} as a
        on r.agreement_id = a.agreement_id and r.version_no = a.version_no
),

judged as (
    select
        *,
        case
            when not is_agreement_known then 'AGREEMENT_UNKNOWN'
            when not is_partner_known then 'PARTNER_UNKNOWN'
            when currency_code <> agreed_currency_code then 'CURRENCY_DIFFERS'
            when unit_quantity <= 0 then 'UNIT_ZERO'
            when price_amount < 0 then 'PRICE_NEGATIVE'
            when rounding_scope = 'event' and tier_scheme = 'slice' and greatest_from_quantity > 0
                then 'SLICES_BY_EVENT'
        end as fault_code
    from rates
),

final as (
    select
        partner_rate_id,
        fault_code,
        partner_id,
        agreement_id,
        version_no,
        case fault_code
            when 'AGREEMENT_UNKNOWN'
                then concat(
                    'agreement ', agreement_id, ' has no version ', cast(version_no as string),
                    '; deliver it in partner_agreements'
                )
            when 'PARTNER_UNKNOWN' then concat('partner ', partner_id, ' is not known; deliver it in partners')
            when 'CURRENCY_DIFFERS'
                then concat(
                    'priced in ',
                    currency_code,
                    ', the agreement is in ',
                    agreed_currency_code,
                    '; correct one of the two'
                )
            when
                'UNIT_ZERO'
                then concat('unit_quantity is ', cast(unit_quantity as string), '; say what the price buys')
            when
                'PRICE_NEGATIVE'
                then concat('price_amount is ', cast(price_amount as string), '; a price is not negative')
            else
                'slices do not go with amounts rounded event by event; round by day or month'
        end as reason,
        _source_file,
        _source_row,
        _file_hash
    from judged
    where fault_code is not null
)

select * from final
