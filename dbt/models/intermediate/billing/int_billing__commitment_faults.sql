-- commitments that cannot be held against their charges: nothing is owed or taken off by them until they are put right
with

commitments as (
    select * from {{ ref('int_billing__priced_commitments') }}
),

accounts as (
    select * from {{ ref('stg_crm__accounts') }}
),

measured_from as (
    select
        account_id,
        min(billing_month) as first_month
    from {{ ref('stg_tieout__issued_invoice_lines') }}
    group by account_id
),

found as (
    select
        c.source_feed, c.commitment_id, 1 as fault_no, 'COMMITMENT_ACCOUNT' as reason_code,
        concat(': account ', c.account_id, ' of commitment ', c.commitment_id, ' is unknown; deliver it in accounts')
            as what
    from commitments as c
    left join accounts as a on c.account_id = a.account_id
    where a.account_id is null
    union all
    select
        c.source_feed, c.commitment_id, 2 as fault_no, 'COMMITMENT_CURRENCY' as reason_code,
        concat(
            ': commitment ',
            c.commitment_id,
            ' is in ',
            coalesce(c.currency_code, '(none)'),
            ', account ',
            c.account_id,
            ' in ', a.currency_code, '; agree it in the currency of the account'
        ) as what
    from commitments as c
    inner join accounts as a on c.account_id = a.account_id
    where coalesce(c.currency_code, '') <> a.currency_code
    union all
    select
        c.source_feed, c.commitment_id, 3 as fault_no, 'COMMITMENT_DATES' as reason_code,
        concat(
            ': commitment ', c.commitment_id, ' ends on ', cast(c.valid_to_on as string), ', not after it begins on ',
            cast(c.valid_from_on as string), '; correct its days'
        ) as what
    from commitments as c
    where c.valid_to_on <= c.valid_from_on
    union all
    select
        c.source_feed, c.commitment_id, 4 as fault_no, 'COMMITMENT_UNMEASURED' as reason_code,
        concat(
            ': the period of commitment ', c.commitment_id, ' begins on ', cast(p.valid_from_on as string),
            ', before the months that are billed here, and nothing issued says what was charged since; ',
            'let the window begin earlier'
        ) as what
    from commitments as c
    inner join {{ ref('int_billing__commitment_periods') }} as p
        on c.source_feed = p.source_feed and c.commitment_id = p.commitment_id
    left join measured_from as m on c.account_id = m.account_id
    where
        {{ in_window('p.billing_month') }}
        and {{ month_of('p.valid_from_on') }} < {{ window_from() }}
        and coalesce(m.first_month, {{ window_from() }}) > {{ month_of('p.valid_from_on') }}
),

ranked as (
    select
        *,
        row_number() over (partition by source_feed, commitment_id order by fault_no, what) as fault_rank
    from found
),

final as (
    select
        f.source_feed,
        f.commitment_id,
        c.account_id,
        c.subscription_id,
        f.reason_code,
        concat(c._source_file, ':', cast(c._source_row as string), f.what) as reason,
        c._source_file as source_file,
        cast(c._source_row as bigint) as source_row,
        c.commitment_micros as estimated_micros,
        c.currency_code
    from ranked as f
    inner join commitments as c on f.source_feed = c.source_feed and f.commitment_id = c.commitment_id
    where f.fault_rank = 1
)

select * from final
