-- the taxes of each class of charges on a bill: by tax group, jurisdiction and the last day of the service
with

classes as (
    select distinct
        {{ tax_class_key('c') }} as tax_class_key,
        c.billing_month, c.account_id, c.currency_code, c.minor_step_micros, c.tax_group_code, c.is_tax_inclusive,
        c.rounding_point, {{ add_days('c.service_end_on', -1) }} as tax_point_on
    from {{ ref('int_billing__charges') }} as c
),

accounts as (
    select * from {{ ref('stg_crm__accounts') }}
),

final as (
    select
        c.*,
        {{ is_exempt_on('c.tax_point_on') }} as is_exempt,
        a.tax_exemption_reason,
        t.tax_rate_id,
        t.tax_name,
        t.tax_group_code as rate_group_code,
        t.jurisdiction_code,
        t.rate_ratio,
        cast(coalesce(t.rate_ratio, 0) * 1000000 as bigint) as rate_millionths,
        coalesce(t.tax_category_code, case when t.rate_ratio = 0 then 'Z' else 'S' end) as tax_category_code,
        t.exemption_reason,
        coalesce(t.is_inclusive, false) or c.is_tax_inclusive as is_included,
        coalesce(t.tax_basis = 'before_discount', false) as is_before_discount
    from classes as c
    inner join accounts as a on c.account_id = a.account_id
    left join {{ ref('stg_billing__tax_rates') }} as t
        on
            (t.tax_group_code = '*' or c.tax_group_code = t.tax_group_code)
            and c.tax_group_code is not null
            and c.tax_point_on >= coalesce(t.valid_from_on, cast('0001-01-01' as date))
            and c.tax_point_on < {{ open_end('t.valid_to_on') }}
            and coalesce(t.jurisdiction_code, a.tax_jurisdiction_code, '') = coalesce(a.tax_jurisdiction_code, '')
)

select * from final
