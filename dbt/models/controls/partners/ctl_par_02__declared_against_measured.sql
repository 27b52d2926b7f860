with

differences as (
    select * from {{ ref('int_settlement__statement_faults') }}
),

declared as (
    select distinct
        partner_id,
        direction_code,
        statement_month
    from {{ ref('int_settlement__declared_lines') }}
),

silent as (
    select
        l.partner_id,
        l.direction_code,
        l.statement_month,
        l.settlement_currency_code as currency_code,
        cast(sum(l.settled_micros + l.tax_micros) as bigint) as measured_micros
    from {{ ref('int_settlement__lines') }} as l
    left join declared as d
        on
            l.partner_id = d.partner_id
            and l.direction_code = d.direction_code
            and l.statement_month = d.statement_month
    where d.partner_id is null and l.settled_micros is not null
    group by l.partner_id, l.direction_code, l.statement_month, l.settlement_currency_code
    having sum(l.settled_micros + l.tax_micros) > 0
),

faults as (
    select
        category,
        partner_id,
        direction_code,
        statement_month,
        concat(partner_id, '|', direction_code, '|', service_code, '|', band_code) as value_key,
        measured_micros,
        declared_micros,
        fault_micros,
        currency_code,
        arithmetic,
        statement_id,
        line_no,
        _source_file,
        _source_row,
        _file_hash
    from differences
    union all
    select
        'MISSING_STATEMENT' as category,
        partner_id,
        direction_code,
        statement_month,
        concat(partner_id, '|', direction_code) as value_key,
        measured_micros,
        0 as declared_micros,
        -measured_micros as fault_micros,
        currency_code,
        concat('ours is ', {{ amount_text('measured_micros') }}, ' with tax; none is declared') as arithmetic,
        null as statement_id,
        null as line_no,
        null as _source_file,
        null as _source_row,
        null as _file_hash
    from silent
),

-- what we are owed is lost when less is declared, and was not measured when more is; what we pay is too much when more
-- is declared, and comes later when less is
found as (
    select
        *,
        statement_month as period,
        measured_micros as expected_micros,
        declared_micros as actual_micros,
        case when is_loss and direction_code <> 'outgoing' then abs(fault_micros) else 0 end as under_micros,
        case when is_loss and direction_code = 'outgoing' then greatest(fault_micros, 0) else 0 end as cost_micros,
        case
            when not is_loss then abs(fault_micros)
            when direction_code = 'outgoing' then greatest(-fault_micros, 0)
            else 0
        end as timing_micros,
        'settlement' as revenue_stream,
        'invoicing' as step_code,
        'band' as match_level,
        case when _file_hash is not null then 'partner_statements' end as right_feed,
        _source_file as right_source_file,
        _source_row as right_source_row,
        _file_hash as right_file_hash,
        case when statement_id is not null then concat(statement_id, ':', cast(line_no as string)) end as right_key,
        {{ json_record({
            'statement_id': 'statement_id', 'declared': amount_text('declared_micros'),
            'measured': amount_text('measured_micros'), 'difference': amount_text('fault_micros')
        }) }} as right_record
    from (
        select
            *,
            category not in ('PERIOD_SHIFT', 'MISSING_STATEMENT') as is_loss
        from faults
    ) as valued
),

final as (
    {{ findings('found', 'PAR-02', [
        'partner_id', 'expected_micros', 'actual_micros', 'under_micros', 'cost_micros', 'timing_micros',
        'currency_code', 'match_level', 'revenue_stream', 'step_code', 'arithmetic', 'right_feed', 'right_source_file',
        'right_source_row', 'right_file_hash', 'right_key', 'right_record'
    ]) }}
)

select * from final
