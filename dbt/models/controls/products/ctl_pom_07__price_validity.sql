-- days on which billing had no price for a thing, or two
with

months as (
    {{ date_spine(window_from(), add_days(window_to(), -1), 'month') }}
),

faults as (
    select
        m.spine_on as period,
        f.*
    from {{ ref('int_catalogue__validity_faults') }} as f
    inner join months as m on f.from_on < {{ add_months_to('m.spine_on', 1) }} and f.to_on > m.spine_on
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
    where control_id = 'POM-07'
    group by owner_key, event_month
),

found as (
    select
        f.category,
        f.period,
        f.value_key,
        coalesce(e.expected_micros, 0) as expected_micros,
        coalesce(e.charged_micros, 0) as actual_micros,
        coalesce(e.under_micros, 0) as under_micros,
        coalesce(e.over_micros, 0) as over_micros,
        f.currency_code,
        'usage' as revenue_stream,
        'rating' as step_code,
        concat(
            f.priced_thing,
            case f.category
                when 'GAP' then ' has no price from '
                when 'OVERLAP' then ' has two prices from '
                else ' is no longer sold, but its price has no end: from '
            end,
            cast(f.from_on as string), ' until ', cast(f.to_on as string), '; ',
            cast(coalesce(e.event_count, 0) as string), ' events are charged otherwise for it: expected ',
            {{ amount_text('coalesce(e.expected_micros, 0)') }}, ', charged ',
            {{ amount_text('coalesce(e.charged_micros, 0)') }}
        ) as arithmetic,
        f.before_id as price_rule_id,
        'price_rules' as right_feed,
        f._source_file as right_source_file,
        f._source_row as right_source_row,
        f._file_hash as right_file_hash,
        coalesce(f.after_id, f.before_id) as right_key,
        {{ json_record({'price_rule_id': 'f.after_id', 'price_rule_before': 'f.before_id', 'priced': 'f.priced_thing',
                        'from_on': 'f.from_on', 'to_on': 'f.to_on'}) }} as right_record
    from faults as f
    left join events as e on f.value_key = e.owner_key and f.period = e.event_month
),

final as (
    {{ findings('found', 'POM-07', [
        'expected_micros', 'actual_micros', 'under_micros', 'over_micros', 'currency_code', 'revenue_stream',
        'step_code', 'arithmetic', 'price_rule_id',
        'right_feed', 'right_source_file', 'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
