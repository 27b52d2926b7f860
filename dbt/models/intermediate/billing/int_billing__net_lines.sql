-- lines without tax: where the price contains it, the tax of a group is taken out once and its lines keep the rest
with

rates as (
    select
        tax_class_key,
        min(minor_step_micros) as step_micros,
        max(rounding_point) as rounding_point,
        max(tax_group_code) as rate_group,
        cast(sum(case when is_included then rate_millionths else 0 end) as bigint) as included_millionths
    from {{ ref('int_billing__tax_classes') }}
    group by tax_class_key
),

lines as (
    select
        l.*,
        r.step_micros,
        r.included_millionths,
        case
            when r.rounding_point = 'line' then coalesce(l.charge_key, l.line_key)
            else concat(cast(r.included_millionths as string), '|', coalesce(r.rate_group, ''))
        end as tax_group_key,
        -- a year's prices in millionths of micro-units do not fit into 64 bits
        {{ wide_integer('l.line_micros') }} * 1000000 as line_picos,
        {{ wide_integer('1000000 + r.included_millionths') }} * r.step_micros as unit_picos
    from {{ ref('int_billing__bill_lines') }} as l
    inner join rates as r on l.tax_class_key = r.tax_class_key
),

floored as (
    select
        *,
        case
            when line_picos >= 0 then {{ integer_divide('line_picos', 'unit_picos') }}
            else -{{ integer_divide('unit_picos - 1 - line_picos', 'unit_picos') }}
        end as net_units
    from lines
    where included_millionths > 0
),

totals as (
    select
        *,
        line_picos - net_units * unit_picos as rest,
        sum(line_picos) over (partition by billing_month, account_id, tax_group_key) as group_picos,
        sum(net_units) over (partition by billing_month, account_id, tax_group_key) as group_units,
        sum(line_micros) over (partition by billing_month, account_id, tax_group_key) as group_micros
    from floored
),

-- the tax contained is the gross amount less the net one, rounded half away from zero
counted as (
    select
        *,
        cast({{ integer_divide('group_micros', 'step_micros') }} - (
            case when group_micros < 0 then -1 else 1 end
        ) * {{ integer_divide(
            '2 * ' ~ wide_integer('abs(group_micros)') ~ ' * included_millionths + unit_picos', '2 * unit_picos'
        ) }} - group_units as bigint) as left_units,
        row_number() over (
            partition by billing_month, account_id, tax_group_key order by rest desc, line_key asc
        ) as rest_rank
    from totals
),

final as (
    select
        line_key, charge_key, kind_no, billing_month, origin_month, account_id, line_type, subscription_id, service_id,
        product_offering_id, charge_code, description, service_code, zone_code, discount_id, quantity, unit_code,
        line_micros as full_micros, line_micros as net_micros, tax_group_code, tax_class_key, service_start_on,
        service_end_on, event_count, price_rule_id, gl_account_id, arithmetic, currency_code
    from lines
    where included_millionths = 0
    union all
    select
        line_key, charge_key, kind_no, billing_month, origin_month, account_id, line_type, subscription_id, service_id,
        product_offering_id, charge_code, description, service_code, zone_code, discount_id, quantity, unit_code,
        line_micros as full_micros,
        cast((net_units + case when rest_rank <= left_units then 1 else 0 end) * step_micros as bigint) as net_micros,
        tax_group_code, tax_class_key, service_start_on, service_end_on, event_count, price_rule_id, gl_account_id,
        concat(arithmetic, ', less the tax in it = ', {{ amount_text(
            '(net_units + case when rest_rank <= left_units then 1 else 0 end) * step_micros'
        ) }}) as arithmetic,
        currency_code
    from counted
)

select * from final
