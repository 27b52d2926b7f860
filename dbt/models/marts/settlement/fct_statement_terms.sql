with

final as (
    select
        partner_id,
        direction_code,
        statement_month,
        agreement_id,
        cast(version_no as bigint) as version_no,
        settlement_currency_code as currency_code,
        netting_group,
        stated_on,
        dispute_days,
        {{ add_days('stated_on', 'dispute_days') }} as dispute_until_on
    from {{ ref('int_settlement__statement_terms') }}
)

select * from final
