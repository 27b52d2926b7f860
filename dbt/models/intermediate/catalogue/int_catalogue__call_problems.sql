-- time bands and allowances that cannot be applied without a guess, by the price rows they touch
with

prices as (
    select * from {{ ref('int_catalogue__prices') }}
    where charge_type = 'usage'
),

bands as (
    select
        *,
        coalesce(weight, 0) as band_weight,
        case when month_no is null then 0 else 1 end + case when month_day_no is null then 0 else 1 end as named_count,
        concat(_source_file, ':', cast(_source_row as string)) as found_at
    from {{ ref('stg_billing__time_bands') }}
),

allowances as (
    select * from {{ ref('stg_billing__allowances') }}
),

ambiguous as (
    select
        p.price_rule_id,
        'BAND_OVERLAP' as reason_code,
        concat(
            'time band ', a.time_band_code, ' on weekday ', cast(a.weekday_no as string), ' from second ',
            cast(a.starts_at_second as string), ' overlaps band ', b.time_band_code, ' (', b.found_at,
            ') of the same weight ', cast(a.band_weight as string), '; give one of them the greater weight'
        ) as reason,
        a._source_file as source_file,
        cast(a._source_row as bigint) as source_row
    from prices as p
    inner join prices as q
        on
            p.product_offering_id = q.product_offering_id
            and p.service_code = q.service_code
            and coalesce(p.zone_code, '') = coalesce(q.zone_code, '')
            and p.time_band_code <> q.time_band_code
            and p.valid_from_on < q.valid_to_on
            and p.valid_to_on > q.valid_from_on
    inner join bands as a on p.time_band_code = a.time_band_code
    inner join bands as b
        on
            q.time_band_code = b.time_band_code
            and a.weekday_no = b.weekday_no
            and a.band_weight = b.band_weight
            and a.named_count = b.named_count
            and coalesce(a.month_no = b.month_no, true)
            and coalesce(a.month_day_no = b.month_day_no, true)
            and a.starts_at_second < b.ends_at_second
            and a.ends_at_second > b.starts_at_second
),

hourless as (
    select
        p.price_rule_id,
        'BAND_HOURS' as reason_code,
        concat(
            'time band ', b.time_band_code, ' ends at second ', cast(b.ends_at_second as string),
            ', not after it starts at ', cast(b.starts_at_second as string), '; cut it at midnight into two rows'
        ) as reason,
        b._source_file as source_file,
        cast(b._source_row as bigint) as source_row
    from prices as p
    inner join bands as b on p.time_band_code = b.time_band_code
    where b.ends_at_second <= b.starts_at_second
    union all
    select
        p.price_rule_id,
        'BAND_UNKNOWN' as reason_code,
        concat(
            'price ', p.price_rule_id, ' is for time band ',
            p.time_band_code, ', which time_bands does not have; add its hours'
        ) as reason,
        p._source_file as source_file,
        cast(p._source_row as bigint) as source_row
    from prices as p
    left join bands as b on p.time_band_code = b.time_band_code
    where p.time_band_code is not null and b.time_band_code is null
),

endless as (
    select
        p.price_rule_id,
        'ALLOWANCE_NO_EXPIRY' as reason_code,
        concat(
            'allowance ', a.allowance_id,
            ' is rolled over, but for how long is not said; give rollover_month_count'
        ) as reason,
        a._source_file as source_file,
        cast(a._source_row as bigint) as source_row
    from allowances as a
    inner join prices as p
        on a.product_offering_id = p.product_offering_id and coalesce(a.service_code, p.service_code) = p.service_code
    where a.is_rolled_over and a.rollover_month_count is null
),

final as (
    select
        price_rule_id,
        reason_code,
        min(reason) as reason,
        min(source_file) as source_file,
        min(source_row) as source_row
    from (
        select * from ambiguous
        union all
        select * from hourless
        union all
        select * from endless
    ) as problems
    group by price_rule_id, reason_code
)

select * from final
