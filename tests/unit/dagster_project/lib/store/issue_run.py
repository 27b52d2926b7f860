"""Issues a made-up bill run, as a process that may be killed at any statement.

python -m tests.unit.dagster_project.lib.store.issue_run URL RUN KILL_AT
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from dagster_project.lib.store import (
    BillRun,
    BillRunTable,
    Issuer,
    NewDocument,
    Stamp,
    open_store,
)

AT = datetime(2026, 8, 1, 6)  # noqa: DTZ001 - the store keeps UTC without a zone
MONTH = date(2026, 7, 1)
STAMP = Stamp("Ida", AT, date(2026, 8, 1))
INVOICES, AT_ONCE = 7, 2


def number_of(invoice: Any, year: int, number: int) -> str:
    return f"{invoice['legal_entity_code']}-{year}-{number:06d}"


def document(draft_no: int, account: str, month: date = MONTH, correction: int = 0) -> NewDocument:
    """Two lines, 10.00 and -1.00 before tax of 19 %; two legal entities take turns."""
    invoice = {
        "draft_no": draft_no,
        "legal_entity_code": "NORTH" if draft_no % 3 else "SOUTH",
        "document_type": "invoice",
        "billing_month": month,
        "account_id": account,
        "bill_cycle_code": "01",
        "currency_code": "EUR",
        "correction_no": correction,
        "period_start_on": month,
        "period_end_on": date(2026, 8, 1),
        "line_count": 2,
        "gross_micros": 10_000_000,
        "discount_micros": 1_000_000,
        "net_micros": 9_000_000,
        "tax_micros": 1_710_000,
        "rounding_micros": 0,
        "total_micros": 10_710_000,
        "parties": {"seller": {"payment_term_days": 14}, "buyer": {"name": account}},
    }
    line = {"origin_month": month, "description": "Plan", "arithmetic": "", "tax_group_code": "T"}
    lines = [
        {**line, "line_no": 1, "line_type": "recurring", "line_micros": 10_000_000},
        {**line, "line_no": 2, "line_type": "discount", "line_micros": -1_000_000},
    ]
    lines = [{**one, "expected_line_key": f"{account}|{month}|{one['line_no']}"} for one in lines]
    tax = {
        "tax_no": 1,
        "tax_name": "VAT",
        "tax_group_code": "T",
        "rate_nanos": 190_000_000,
        "taxable_micros": 9_000_000,
        "tax_micros": 1_710_000,
    }
    return NewDocument(invoice, lines, [tax])


def add_run(engine: sa.Engine, bill_run_id: str, count: int = INVOICES) -> None:
    """A reviewed run of that many invoices."""
    BillRunTable(engine).add(
        BillRun(
            bill_run_id, MONTH, "", "", "reviewed", "c" * 64, "x", count, 2 * count, 0, "Ada", AT
        )
    )


def claims_of(documents: Sequence[NewDocument], before: int = 0) -> list[dict[str, Any]]:
    names = ("account_id", "billing_month", "currency_code", "correction_no")
    return [
        {**{name: one.invoice[name] for name in names}, "document_count": before}
        for one in documents
    ]


def issue(engine: sa.Engine, bill_run_id: str, documents: Sequence[NewDocument]) -> None:
    """From reviewed, or from wherever somebody died, to issued."""
    issuer = Issuer(engine, number_of)
    issuer.begin(bill_run_id, claims_of(documents), STAMP)
    while (
        issuer.issue_some(bill_run_id, lambda done: documents[done : done + AT_ONCE], STAMP)
        < len(documents)
    ):  # fmt: skip
        pass


def documents_of(count: int = INVOICES) -> list[NewDocument]:
    return [document(no, f"A{no:03d}") for no in range(1, count + 1)]


def kill_at(engine: sa.Engine, moment: int) -> None:
    """Die before statement number `moment`, or before the commit that comes in its place."""
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(engine, "before_cursor_execute", count)
    sa.event.listen(engine, "commit", count)


def main(url: str, bill_run_id: str, moment: str) -> None:
    engine = open_store(url)
    if moment == "credit":
        Issuer(engine, number_of).credit(bill_run_id, STAMP, "wrong")
        return
    kill_at(engine, int(moment))
    issue(engine, bill_run_id, documents_of())


if __name__ == "__main__":
    main(*sys.argv[1:])
