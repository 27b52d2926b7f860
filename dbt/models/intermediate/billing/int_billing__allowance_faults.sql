-- an allowance that there is no room for is not used, so the usage that it would pay is held
with

unused as (
    select * from {{ ref('int_billing__allowance_members') }}
    where is_layered and layer_no > {{ layer_numbers() | last }}
),

final as (
    select
        c.charge_key,
        m.allowance_id,
        'ALLOWANCE_LIMIT' as reason_code,
        concat(
            a._source_file, ':', cast(a._source_row as string), ': allowance ', m.allowance_id, ' of subscription ',
            m.subscription_id, ' is number ', cast(m.layer_no as string), ' of its kind on account ', c.account_id,
            ' and a month has room for {{ layer_numbers() | last }}; merge allowances and bill again'
        ) as reason,
        a._source_file as source_file,
        cast(a._source_row as bigint) as source_row
    from {{ ref('int_billing__priced_charges') }} as c
    inner join unused as m
        on
            c.subscription_id = m.subscription_id
            and c.billing_month = m.granted_month
            and coalesce(m.service_code, c.service_code, '') = coalesce(c.service_code, m.service_code, '')
    inner join {{ ref('stg_billing__allowances') }} as a on m.allowance_id = a.allowance_id
    where c.line_type in ('usage', 'minimum')
)

select * from final
