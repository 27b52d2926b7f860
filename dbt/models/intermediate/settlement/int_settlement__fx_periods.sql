-- a rate holds until the next one of its kind, 31 days at most
with

final as (
    select
        from_currency_code,
        to_currency_code,
        rate_type,
        rate_on,
        least(
            coalesce(
                lead(rate_on) over (
                    partition by from_currency_code, to_currency_code, rate_type order by rate_on
                ),
                cast('9999-12-31' as date)
            ),
            {{ add_days('rate_on', 31) }}
        ) as until_on,
        {{ to_billionths('rate') }} as rate_billionths
    from {{ ref('stg_billing__fx_rates') }}
)

select * from final
