-- the credit of accounts at the last month of the window: bills before it have been paid or have used theirs
with

final as (
    select
        account_id,
        currency_code,
        {{ amount("sum(case when credit_type = 'credit_note' then credit_amount else 0 end)") }} as credit_note_amount,
        {{ amount("sum(case when credit_type = 'prepaid' then credit_amount else 0 end)") }} as prepaid_amount
    from {{ ref('stg_billing__account_credits') }}
    where
        coalesce(valid_from_on, cast('0001-01-01' as date)) < {{ window_to() }}
        and {{ open_end('valid_to_on') }} >= {{ window_to() }}
    group by account_id, currency_code
)

select * from final
