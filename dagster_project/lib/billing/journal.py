"""The entries that a bill run, or a credit note, makes in the general ledger.

Per currency, debits equal credits: the receivable against revenue, tax, rounding and deferred
revenue. What is charged in advance for days behind the billed period is no revenue yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb

from dagster_project.lib.money import MINOR_UNITS

ORDER = "currency_code, entry_type, gl_account_id, line_type, tax_name"

# The share of a line that lies behind the period, by days, rounded half up to the minor unit once.
# A credit note changes what its invoice's line is (d_before): its share is the difference.
_SPLIT = """
    create temp table d_split as
    select
        i.currency_code, l.line_type, coalesce(l.gl_account_id, '') as gl_account_id,
        cast(l.line_amount * 1000000 as hugeint) as line_micros,
        cast(coalesce(b.before_amount, 0) * 1000000 as hugeint) as before_micros,
        case
            when l.line_type = 'recurring' and l.service_end_on > i.period_end_on
                and l.service_end_on > l.service_start_on
            then l.service_end_on - greatest(l.service_start_on, i.period_end_on)
            else 0 end as behind_day_count,
        greatest(1, coalesce(l.service_end_on - l.service_start_on, 1)) as day_count,
        coalesce(m.step_micros, 10000) as step_micros
    from d_lines as l
    join d_invoices as i using (draft_no)
    left join d_minor_units as m using (currency_code)
    left join d_before as b using (line_no);
    create temp macro deferred(micros, behind, days, step) as
        sign(micros) * ((2 * abs(micros) * behind + step * days) // (2 * step * days)) * step;
    create temp table d_entries as
    select *,
        deferred(before_micros + line_micros, behind_day_count, day_count, step_micros)
            - deferred(before_micros, behind_day_count, day_count, step_micros) as deferred_micros
    from d_split
"""
# credits are positive here, debits negative, so that everything sums to zero
_SUMS = """
    create temp table d_journal as
    select currency_code, entry_type, gl_account_id, line_type, tax_name,
        cast(cast(greatest(-sum(micros), 0) as decimal(18,0)) * 0.000001 as decimal(18,6))
            as debit_amount,
        cast(cast(greatest(sum(micros), 0) as decimal(18,0)) * 0.000001 as decimal(18,6))
            as credit_amount
    from (
        select currency_code, 'receivable' as entry_type, '' as gl_account_id, '' as line_type,
            '' as tax_name, -cast(total_amount * 1000000 as hugeint) as micros
        from d_invoices
        union all
        select currency_code, 'revenue', gl_account_id, line_type, '', line_micros - deferred_micros
        from d_entries
        union all
        select currency_code, 'deferred_revenue', gl_account_id, line_type, '', deferred_micros
        from d_entries
        union all
        select i.currency_code, 'tax_payable', '', '',
            coalesce(t.tax_name, t.tax_rate_id, ''), cast(t.tax_amount * 1000000 as hugeint)
        from d_taxes as t join d_invoices as i using (draft_no)
        union all
        select currency_code, 'rounding', '', '', '', cast(rounding_amount * 1000000 as hugeint)
        from d_invoices
    )
    group by all
    having sum(micros) <> 0
"""

_TYPES = {
    "d_invoices": {
        "draft_no": "integer",
        "currency_code": "varchar",
        "period_end_on": "date",
        "total_amount": "decimal(18,6)",
        "rounding_amount": "decimal(18,6)",
    },
    "d_lines": {
        "draft_no": "integer",
        "line_no": "integer",
        "line_type": "varchar",
        "gl_account_id": "varchar",
        "line_amount": "decimal(18,6)",
        "service_start_on": "date",
        "service_end_on": "date",
    },
    "d_taxes": {
        "draft_no": "integer",
        "tax_name": "varchar",
        "tax_rate_id": "varchar",
        "tax_amount": "decimal(18,6)",
    },
}


def make_journal(
    connection: duckdb.DuckDBPyConnection, before: Mapping[int, Decimal] | None = None
) -> None:
    """Make `d_journal` of the tables `d_invoices`, `d_lines` and `d_taxes`."""
    connection.execute("create temp table d_minor_units (currency_code text, step_micros hugeint)")
    steps = [(code, 10 ** (6 - count)) for code, count in MINOR_UNITS.items()]
    connection.executemany("insert into d_minor_units values (?, ?)", steps)
    connection.execute("create temp table d_before (line_no integer, before_amount decimal(18,6))")
    for one in (before or {}).items():
        connection.execute("insert into d_before values (?, ?)", one)
    connection.execute(f"{_SPLIT}; {_SUMS}")


def entries_of(
    invoice: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    taxes: Sequence[Mapping[str, Any]],
    before: Mapping[int, Decimal] | None = None,
) -> list[dict[str, Any]]:
    """The entries of one document, by the statements that make those of a run.

    Args: before: of a credit note, what the lines of its invoice were before it, by line number.
    """
    with duckdb.connect() as connection:
        for (name, types), rows in zip(_TYPES.items(), ([invoice], lines, taxes), strict=True):
            listed = ", ".join(f"{column} {kind}" for column, kind in types.items())
            connection.execute(f"create temp table {name} ({listed})")
            marks = ", ".join("?" for _ in types)
            for row in rows:
                values = [1 if column == "draft_no" else row[column] for column in types]
                connection.execute(f"insert into {name} values ({marks})", values)
        make_journal(connection, before or {})
        result = connection.execute(f"from d_journal order by {ORDER}")
        names = [str(column[0]) for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def is_balanced(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether debits equal credits in every currency of `d_journal`."""
    row = connection.execute(
        "select count(*) from (select 1 from d_journal group by currency_code "
        "having sum(debit_amount) <> sum(credit_amount))"
    ).fetchone()
    return bool(row) and row is not None and row[0] == 0
