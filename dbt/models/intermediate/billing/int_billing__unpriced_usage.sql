-- usage of a bill run that has no charge, with the reason and what it may be worth
with

events as (
    select * from {{ ref('int_billing__rated_events') }}
    where charge_micros is null and not is_prepaid and not coalesce(is_free_account, false)
),

plans as (
    select
        subscription_id,
        max(product_offering_id) as product_offering_id
    from {{ ref('int_customers__plan_periods') }}
    group by subscription_id
),

faults as (
    select
        product_offering_id,
        service_code,
        min(reason_code) as reason_code,
        min(reason) as reason,
        min(_source_file) as source_file,
        cast(min(_source_row) as bigint) as source_row
    from {{ ref('int_catalogue__price_faults') }}
    where charge_type = 'usage'
    group by product_offering_id, service_code
),

-- the dearest unit of the service stands for a price that is not known
guesses as (
    select
        service_code,
        max({{ integer_divide('1000000 * ' ~ wide_integer('price_micros'), 'unit_milli') }})
            as micros_per_thousand_units
    from {{ ref('int_catalogue__prices') }}
    where charge_type = 'usage' and unit_milli > 0
    group by service_code
),

zoned as (
    select count(*) > 0 as are_there from {{ ref('stg_billing__destination_zones') }}
),

named as (
    select
        e.*,
        p.product_offering_id,
        coalesce(
            case
                when e.account_id is null then 'NO_ACCOUNT'
                when f.reason_code is not null then f.reason_code
                when e.zone_code is null and e.other_party_number is not null and z.are_there then 'UNKNOWN_ZONE'
            end,
            'NO_PRICE'
        ) as reason_code,
        case when e.account_id is not null then f.reason end as fault_reason,
        coalesce(case when e.account_id is not null then f.source_file end, e._source_file) as source_file,
        coalesce(case when e.account_id is not null then f.source_row end, e._source_row) as source_row,
        coalesce(cast({{ integer_divide(
            wide_integer('greatest(' ~ to_milli('e.quantity') ~ ', 0)') ~ ' * g.micros_per_thousand_units', '1000000'
        ) }} as bigint), 0) as estimated_micros
    from events as e
    cross join zoned as z
    left join plans as p on e.subscription_id = p.subscription_id
    left join faults as f on p.product_offering_id = f.product_offering_id and e.service_code = f.service_code
    left join guesses as g on e.service_code = g.service_code
),

final as (
    select
        billing_month,
        coalesce(account_id, '') as account_id,
        coalesce(subscription_id, '') as subscription_id,
        service_code,
        reason_code,
        min(coalesce(fault_reason, concat(
            source_file, ':', cast(source_row as string), ': ', service_code, ' event ', event_id,
            case
                when reason_code = 'NO_ACCOUNT'
                    then
                        concat(
                            ' of number ',
                            coalesce(service_id, '(none)'),
                            ' belongs to no account; add its subscription to CRM'
                        )
                when reason_code = 'UNKNOWN_ZONE'
                    then
                        concat(' to number ', other_party_number, ' is in no zone; add its prefix to destination_zones')
                else concat(
                    ' finds no price in offer ', coalesce(product_offering_id, '(none)'),
                    '; add one that holds on its day'
                )
            end,
            ' and bill again'
        ))) as reason,
        min(source_file) as source_file,
        cast(min(source_row) as bigint) as source_row,
        cast(sum(estimated_micros) as bigint) as estimated_micros,
        count(*) as event_count
    from named
    group by billing_month, account_id, subscription_id, service_code, reason_code
)

select * from final
