-- what credit notes come to: subtotal and tax are rounded each, then the total follows them by a cent if it must
with

items as (
    select
        *,
        {{ to_micros('item_amount') }} as item_micros,
        case when period_start_on is null then 1 else {{ days_between('credit_start_on', 'credit_end_on') }} end
            as credit_days,
        case when period_start_on is null then 1 else {{ days_between('period_start_on', 'period_end_on') }} end
            as period_days,
        cast(coalesce(tax_ratio, 0) * 1000000 as bigint) as tax_millionths
    from {{ ref('stg_billing__credit_requests') }}
),

-- in millionths of micro-units, so that nothing is rounded before the note is
priced as (
    select
        *,
        {{ integer_divide(
            '2 * ' ~ wide_integer('item_micros') ~ ' * 1000000 * credit_days + period_days', '2 * period_days'
        ) }} as net_picos,
        {{ integer_divide(
            '2 * ' ~ wide_integer('item_micros') ~ ' * tax_millionths * credit_days + period_days', '2 * period_days'
        ) }} as tax_picos
    from items
),

summed as (
    select
        credit_request_id, currency_code,
        max(invoice_id) as invoice_id,
        max(account_id) as account_id,
        count(*) as item_count,
        {{ wide_integer('sum(net_picos)') }} as net_picos,
        {{ wide_integer('sum(tax_picos)') }} as tax_picos,
        {{ to_micros('max(paid_amount)') }} - {{ to_micros('coalesce(max(credited_amount), 0)') }} as limit_micros,
        max({{ minor_step('currency_code') }}) as step_micros
    from priced
    group by credit_request_id, currency_code
),

rounded as (
    select
        *,
        cast({{ integer_divide(round_to_step('net_picos', 'step_micros * 1000000'), '1000000') }} as bigint)
            as net_micros,
        cast({{ integer_divide(round_to_step('tax_picos', 'step_micros * 1000000'), '1000000') }} as bigint)
            as tax_micros,
        cast(
            {{ integer_divide(round_to_step('(net_picos + tax_picos)', 'step_micros * 1000000'), '1000000') }} as bigint
        )
            as exact_micros
    from summed
),

capped as (
    select
        *,
        coalesce(limit_micros < net_micros + tax_micros, false) as is_capped,
        cast(greatest(least(coalesce(limit_micros, net_micros + tax_micros), net_micros + tax_micros), 0) as bigint)
            as total_micros
    from rounded
),

-- of a credit that is cut the tax is the same share as before
split as (
    select
        *,
        case
            when not is_capped then tax_micros
            else cast({{ integer_divide(
                '2 * ' ~ wide_integer('total_micros') ~ ' * tax_picos + (net_picos + tax_picos) * step_micros',
                '2 * (net_picos + tax_picos) * step_micros'
            ) }} * step_micros as bigint)
        end as credited_tax_micros
    from capped
),

final as (
    select
        credit_request_id,
        invoice_id,
        account_id,
        item_count,
        {{ from_micros('(total_micros - credited_tax_micros)') }} as subtotal_amount,
        {{ from_micros('credited_tax_micros') }} as tax_amount,
        {{ from_micros('total_micros') }} as total_amount,
        {{ from_micros('exact_micros') }} as exact_total_amount,
        {{ from_micros('(total_micros - exact_micros)') }} as adjustment_amount,
        is_capped,
        currency_code
    from split
)

select * from final
