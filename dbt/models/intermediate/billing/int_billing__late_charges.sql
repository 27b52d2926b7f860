-- what months before the last one come to now, less what was issued for them: it goes on the bill of the last month
with

charges as (
    select c.*, f.charge_key is not null as is_held
    from {{ ref('int_billing__priced_charges') }} as c
    left join {{ ref('int_billing__charge_faults') }} as f on c.charge_key = f.charge_key
    where {{ add_months_to('c.billing_month', 1) }} < {{ window_to() }} and not c.is_tax_inclusive
),

issued as (
    select * from {{ ref('int_billing__issued_charges') }}
    where line_type <> 'discount'
),

issued_discounts as (
    select charge_key as line_key, issued_micros, credited_micros
    from {{ ref('int_billing__issued_charges') }}
    where line_type = 'discount'
),

-- months that bills were issued for, by bill cycle: before its own bill nothing of a month is late
issued_months as (
    select distinct i.billing_month, coalesce(a.bill_cycle_code, '') as bill_cycle_code
    from {{ ref('stg_tieout__issued_invoices') }} as i
    inner join {{ ref('stg_crm__accounts') }} as a on i.account_id = a.account_id
),

compared as (
    select
        coalesce(c.charge_key, i.charge_key) as charge_key,
        coalesce(c.billing_month, i.origin_month) as origin_month,
        coalesce(c.account_id, i.account_id) as account_id,
        coalesce(c.line_type, i.line_type) as line_type,
        coalesce(c.subscription_id, i.subscription_id) as subscription_id,
        coalesce(c.service_id, i.service_id) as service_id,
        c.product_offering_id,
        coalesce(c.charge_code, i.charge_code) as charge_code,
        coalesce(c.description, i.charge_code) as description,
        coalesce(c.service_code, i.service_code) as service_code,
        coalesce(c.zone_code, i.zone_code) as zone_code,
        coalesce(c.price_rule_id, i.price_rule_id) as price_rule_id,
        coalesce(c.tax_group_code, i.tax_group_code) as tax_group_code,
        coalesce(c.rounding_point, 'tax_group') as rounding_point,
        c.gl_account_id, c.minor_step_micros, c.price_currency_code, c.discount_id,
        coalesce(c.gross_micros, 0) as expected_micros,
        coalesce(i.issued_micros, 0) as issued_micros,
        coalesce(c.discount_micros, 0) + coalesce(d.issued_micros, 0) as discount_micros,
        coalesce(i.credited_micros, 0) + coalesce(d.credited_micros, 0) as credited_micros,
        coalesce(c.service_start_on, i.service_start_on) as service_start_on,
        coalesce(c.service_end_on, i.service_end_on) as service_end_on,
        coalesce(c.event_count, 0) - coalesce(i.event_count, 0) as event_count,
        coalesce(c.currency_code, i.currency_code) as currency_code
    from charges as c
    full outer join issued as i on c.charge_key = i.charge_key
    left join issued_discounts as d on concat(c.charge_key, '|', c.discount_id) = d.line_key
    where not coalesce(c.is_held, false)
),

-- what was charged too much is given back, less what parts of the invoice gave back before
owed as (
    select
        *,
        cast(expected_micros - issued_micros as bigint)
        + least(credited_micros, greatest(0, issued_micros - expected_micros + discount_micros)) as late_micros
    from compared
),

final as (
    select
        concat(c.account_id, '|', cast({{ last_month() }} as string), '|late|', c.charge_key) as charge_key,
        {{ last_month() }} as billing_month, c.origin_month, c.account_id, c.line_type, c.subscription_id, c.service_id,
        c.product_offering_id, c.charge_code, c.description, c.service_code, c.zone_code, c.price_rule_id,
        c.tax_group_code, false as is_tax_inclusive, c.rounding_point, c.gl_account_id,
        cast(null as decimal(18, 3)) as quantity, cast(null as string) as unit_code,
        cast(0 as bigint) as chargeable_milli,
        coalesce(c.minor_step_micros, {{ minor_step('c.currency_code') }}) as minor_step_micros,
        cast(c.late_micros as bigint) as exact_micros,
        cast(c.late_micros as bigint) as gross_micros,
        cast(c.discount_micros as bigint) as discount_micros, c.discount_id, c.service_start_on, c.service_end_on,
        c.event_count,
        concat(
            'of ', substring(cast(c.origin_month as string), 1, 7), ': now ', {{ amount_text('c.expected_micros') }},
            ', billed ', {{ amount_text('c.issued_micros') }},
            case
                when c.credited_micros <> 0
                    then concat(', credited in part ', {{ amount_text('c.credited_micros') }})
                else ''
            end
        ) as arithmetic,
        c.price_currency_code, c.currency_code
    from owed as c
    inner join {{ ref('stg_crm__accounts') }} as a on c.account_id = a.account_id
    inner join issued_months as m
        on c.origin_month = m.billing_month and coalesce(a.bill_cycle_code, '') = m.bill_cycle_code
    where
        (c.late_micros <> 0 or c.discount_micros <> 0)
        and {{ 'true' if var('keep_rated_events') else 'false' }}
)

select * from final
