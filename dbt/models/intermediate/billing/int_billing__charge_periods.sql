-- each series of periods once, in and around the window; month-end anchors clamp in a month and spring back in the next
with

series as (
    select distinct series_unit, series_step, series_anchor, anchor_day, changing_account_id
    from {{ ref('int_billing__priced_services') }}
    union
    select distinct series_unit, series_step, series_anchor, anchor_day, changing_account_id
    from {{ ref('int_billing__priced_commitments') }}
    union
    select distinct
        'month' as series_unit, cast(1 as bigint) as series_step, cast(0 as bigint) as series_anchor,
        case when is_changed then 1 else bill_day end as anchor_day,
        case when is_changed then account_id end as changing_account_id
    from {{ ref('int_billing__bill_days') }}
),

-- a series of an account whose bill day changes has a part for each bill day
spans as (
    select
        s.series_unit, s.series_step, s.series_anchor,
        {{ series_key('s.series_unit', 's.series_step', 's.series_anchor', 's.anchor_day', 's.changing_account_id') }}
            as series_key,
        coalesce(b.bill_day, s.anchor_day) as anchor_day,
        coalesce(b.bridge_basis, 'new') as bridge_basis,
        coalesce(b.valid_from_on, cast('0001-01-01' as date)) as span_from_on,
        coalesce(b.valid_to_on, cast('9999-12-31' as date)) as span_to_on
    from series as s
    left join {{ ref('int_billing__bill_days') }} as b on s.changing_account_id = b.account_id
),

reach as (
    select
        {{ month_number(window_from()) }} - 3 as first_month_no,
        {{ month_number(window_to()) }} + 3 as last_month_no,
        {{ day_number(window_from()) }} - 93 as first_day_no,
        {{ day_number(window_to()) }} + 93 as last_day_no
),

numbered as (
    select
        s.*,
        {{ each_integer(
            "cast(case s.series_unit when 'month' then " ~ integer_divide('r.first_month_no', 's.series_step')
            ~ " else " ~ integer_divide('r.first_day_no', 's.series_step') ~ " end - 2 as bigint)",
            "cast(case s.series_unit when 'month' then " ~ integer_divide('r.last_month_no', 's.series_step')
            ~ " else " ~ integer_divide('r.last_day_no', 's.series_step') ~ " end + 2 as bigint)"
        ) }} as k
    from spans as s
    cross join reach as r
),

boundaries as (
    select
        series_key, series_unit, series_step, bridge_basis, span_from_on, span_to_on,
        {{ boundary('k', 'series_unit', 'series_step', 'series_anchor', 'anchor_day') }} as boundary_on,
        {{ boundary('k - 1', 'series_unit', 'series_step', 'series_anchor', 'anchor_day') }} as before_on,
        {{ boundary('k + 1', 'series_unit', 'series_step', 'series_anchor', 'anchor_day') }} as after_on
    from numbered
),

chained as (
    select
        *,
        lead(boundary_on) over (partition by series_key order by boundary_on) as period_end_on,
        lead(before_on) over (partition by series_key order by boundary_on) as virtual_start_on,
        lead(bridge_basis) over (partition by series_key order by boundary_on) as next_basis
    from boundaries
    where boundary_on >= span_from_on and boundary_on < span_to_on
),

final as (
    select
        series_key,
        series_unit,
        series_step,
        boundary_on as period_start_on,
        period_end_on,
        case
            when period_end_on <> after_on and next_basis = 'new' then virtual_start_on
            else boundary_on
        end as full_start_on,
        case when period_end_on <> after_on and next_basis = 'old' then after_on else period_end_on end as full_end_on,
        period_end_on <> after_on as is_bridge,
        case when period_end_on <> after_on then next_basis end as bridge_basis
    from chained
    where period_end_on is not null
)

select * from final
