-- the code list of a partner for each span of days on which it stays the same, under the first five digits covered
-- a partner without a list of its own is read by the zones of the catalogue
with

listed as (
    select
        partner_id,
        prefix,
        band_code,
        valid_from_on,
        {{ open_end('valid_to_on') }} as valid_to_on
    from {{ ref('stg_partners__partner_destinations') }}
    union all
    select
        p.partner_id,
        z.prefix,
        z.zone_code as band_code,
        cast('1900-01-01' as date) as valid_from_on,
        cast('9999-12-31' as date) as valid_to_on
    from {{ ref('stg_partners__partners') }} as p
    cross join {{ ref('stg_billing__destination_zones') }} as z
    where p.partner_id not in (select d.partner_id from {{ ref('stg_partners__partner_destinations') }} as d)
),

borders as (
    select partner_id, valid_from_on as border_on from listed
    union
    select partner_id, valid_to_on as border_on from listed
),

spans as (
    select
        partner_id,
        border_on as span_from_on,
        lead(border_on) over (partition by partner_id order by border_on) as span_to_on
    from borders
),

held as (
    select
        s.partner_id,
        s.span_from_on,
        s.span_to_on,
        l.prefix,
        l.band_code
    from spans as s
    inner join listed as l
        on
            s.partner_id = l.partner_id
            and s.span_from_on >= l.valid_from_on
            and s.span_from_on < l.valid_to_on
    where s.span_to_on is not null
),

ranges as (
    {{ prefix_ranges('held', 'band_code', by=['partner_id', 'span_from_on', 'span_to_on']) }}
),

final as (
    select
        partner_id,
        span_from_on,
        span_to_on,
        {{ each_integer(head_bucket('from_head'), head_bucket('to_head - 1')) }} as bucket_no,
        from_head,
        to_head,
        band_code
    from ranges
)

select * from final
