-- services that end before they begin: no day of them is charged until their days are put right
with

rows_of_all as (
    select
        'crm_services' as feed,
        subscription_id,
        account_id,
        product_offering_id,
        valid_from_on,
        valid_to_on,
        _source_file,
        _source_row
    from {{ ref('stg_crm__crm_services') }}
    union all
    select
        'subscriptions' as feed,
        subscription_id,
        account_id,
        product_offering_id,
        valid_from_on,
        valid_to_on,
        _source_file,
        _source_row
    from {{ ref('stg_billing__subscriptions') }}
    where not exists (select 1 from {{ ref('stg_crm__crm_services') }})
),

prices as (
    select
        product_offering_id,
        max(price_micros) as price_micros
    from {{ ref('int_catalogue__prices') }}
    where charge_type = 'recurring'
    group by product_offering_id
),

final as (
    select
        r.feed,
        r.subscription_id,
        r.account_id,
        r.product_offering_id,
        r.valid_from_on,
        {{ month_of('r.valid_from_on') }} as billing_month,
        'SERVICE_DATES' as reason_code,
        concat(
            r._source_file, ':', cast(r._source_row as string), ': subscription ', r.subscription_id, ' with offer ',
            r.product_offering_id, ' ends on ', cast(r.valid_to_on as string), ', before it begins on ',
            cast(r.valid_from_on as string), '; correct its days and bill again'
        ) as reason,
        r._source_file as source_file,
        cast(r._source_row as bigint) as source_row,
        coalesce(p.price_micros, 0) as estimated_micros
    from rows_of_all as r
    left join prices as p on r.product_offering_id = p.product_offering_id
    where r.valid_to_on < r.valid_from_on and {{ in_window(month_of('r.valid_from_on')) }}
)

select * from final
