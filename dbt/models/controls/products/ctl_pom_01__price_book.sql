-- a row of the price list that is not the approved one, with the events that it priced; without events it is exposure
with

months as (
    {{ date_spine(window_from(), add_days(window_to(), -1), 'month') }}
),

pairs as (
    select * from {{ ref('int_catalogue__price_comparison') }}
    where category is not null
),

-- a row counts in the months in which it is in force; one that differs only in its dates in those of the dates
in_force as (
    select
        m.spine_on as period,
        p.*
    from pairs as p
    inner join months as m
        on case
            when p.category <> 'VALIDITY_DIFF'
                then
                    least(
                        coalesce(p.approved_from_on, p.configured_from_on),
                        coalesce(p.configured_from_on, p.approved_from_on)
                    ) < {{ add_months_to('m.spine_on', 1) }}
                    and greatest(
                        case when p.approved_from_on is null then p.configured_to_on else p.approved_to_on end,
                        case when p.configured_from_on is null then p.approved_to_on else p.configured_to_on end
                    ) > m.spine_on
            else
                (
                    p.approved_from_on <> p.configured_from_on
                    and least(p.approved_from_on, p.configured_from_on) < {{ add_months_to('m.spine_on', 1) }}
                    and greatest(p.approved_from_on, p.configured_from_on) > m.spine_on
                )
                or (
                    p.approved_to_on <> p.configured_to_on
                    and least(p.approved_to_on, p.configured_to_on) < {{ add_months_to('m.spine_on', 1) }}
                    and greatest(p.approved_to_on, p.configured_to_on) > m.spine_on
                )
        end
),

events as (
    select
        owner_key,
        event_month,
        count(*) as event_count,
        cast(sum(expected_micros) as bigint) as expected_micros,
        cast(sum(charged_micros) as bigint) as charged_micros,
        cast(sum(greatest(expected_micros - charged_micros, 0)) as bigint) as under_micros,
        cast(sum(greatest(charged_micros - expected_micros, 0)) as bigint) as over_micros
    from {{ ref('int_usage__difference_owners') }}
    where control_id = 'POM-01'
    group by owner_key, event_month
),

found as (
    select
        f.category,
        f.period,
        f.price_key as value_key,
        coalesce(e.expected_micros, 0) as expected_micros,
        coalesce(e.charged_micros, 0) as actual_micros,
        coalesce(e.under_micros, 0) as under_micros,
        coalesce(e.over_micros, 0) as over_micros,
        f.currency_code,
        'usage' as revenue_stream,
        'rating' as step_code,
        concat(
            case f.category
                when 'ROW_MISSING_IN_RATING' then 'approved, but not in the price list of billing; '
                when 'ROW_NOT_APPROVED' then 'in the price list of billing, but not approved; '
                else f.difference_text
            end,
            cast(coalesce(e.event_count, 0) as string), ' events were priced otherwise for it: expected ',
            {{ amount_text('coalesce(e.expected_micros, 0)') }}, ', charged ',
            {{ amount_text('coalesce(e.charged_micros, 0)') }}
        ) as arithmetic,
        f.approved_price_rule_id as price_rule_id,
        case when f.approved_price_rule_id is not null then 'approved_prices' end as left_feed,
        f.left_source_file,
        f.left_source_row,
        f.left_file_hash,
        f.approved_price_rule_id as left_key,
        {{ json_record({'price_rule_id': 'f.approved_price_rule_id', 'priced': 'f.priced_thing',
                        'valid_from_on': 'f.approved_from_on', 'valid_to_on': 'f.approved_to_on'}) }} as left_record,
        case when f.configured_price_rule_id is not null then 'price_rules' end as right_feed,
        f.right_source_file,
        f.right_source_row,
        f.right_file_hash,
        f.configured_price_rule_id as right_key,
        {{ json_record({'price_rule_id': 'f.configured_price_rule_id', 'priced': 'f.priced_thing',
                        'valid_from_on': 'f.configured_from_on', 'valid_to_on': 'f.configured_to_on'}) }} as right_record
    from in_force as f
    left join events as e on f.price_key = e.owner_key and f.period = e.event_month
),

final as (
    {{ findings('found', 'POM-01', [
        'expected_micros', 'actual_micros', 'under_micros', 'over_micros', 'currency_code', 'revenue_stream',
        'step_code', 'arithmetic', 'price_rule_id',
        'left_feed', 'left_source_file', 'left_source_row', 'left_file_hash', 'left_key', 'left_record',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
