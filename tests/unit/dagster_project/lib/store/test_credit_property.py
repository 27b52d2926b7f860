"""Whatever an invoice holds, its credit note nets it to zero: every amount, line and tax group."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.lib.billing.journal import entries_of
from dagster_project.lib.store import InvoiceTable, Issuer, NewDocument, open_store
from tests.unit.dagster_project.lib.store import issue_run
from tests.unit.dagster_project.lib.store.issue_run import STAMP, number_of

CENTS = st.integers(-10_000_000, 10_000_000).map(lambda cents: cents * 10_000)
LINE = st.tuples(CENTS, st.sampled_from("TRZ"), st.sampled_from(["recurring", "usage", "discount"]))
TAX = st.tuples(CENTS, CENTS)


def document(lines: list[tuple[int, str, str]], taxes: list[tuple[int, int]]) -> NewDocument:
    """An invoice of these lines and taxes."""
    base = issue_run.document(1, "A1")
    net, tax = sum(line[0] for line in lines), sum(one[1] for one in taxes)
    invoice = {**base.invoice, "net_micros": net, "gross_micros": net, "discount_micros": 0}
    invoice |= {"tax_micros": tax, "total_micros": net + tax, "line_count": len(lines)}
    template = base.lines[0]
    return NewDocument(
        invoice,
        [
            {**template, "line_no": no, "expected_line_key": f"K{no}", "line_micros": micros,
             "quantity_micros": micros, "tax_group_code": group, "line_type": kind}
            for no, (micros, group, kind) in enumerate(lines, start=1)
        ],
        [
            {**base.taxes[0], "tax_no": no, "tax_group_code": "TRZ"[no % 3],
             "taxable_micros": taxable, "tax_micros": micros}
            for no, (taxable, micros) in enumerate(taxes, start=1)
        ],
    )  # fmt: skip


def sums(rows: list[Any], group: str, *names: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(lambda: [0] * len(names))
    for row in rows:
        found[row[group]] = [
            total + row[name] for total, name in zip(found[row[group]], names, strict=True)
        ]
    return found


@settings(max_examples=25)
@given(
    lines=st.lists(LINE, min_size=1, max_size=8), taxes=st.lists(TAX, max_size=4)
)  # fmt: skip
def test_a_credit_note_nets_any_invoice_to_zero(
    lines: list[tuple[int, str, str]], taxes: list[tuple[int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = open_store(f"sqlite:///{Path(folder) / 'tieout.db'}")
        issue_run.add_run(engine, "R1", 1)
        issue_run.issue(engine, "R1", [document(lines, taxes)])
        [number] = [row["invoice_number"] for row in InvoiceTable(engine).all_invoices()]
        credit_number = Issuer(engine, number_of).credit(number, STAMP, "wrong")
        invoice, credit = (InvoiceTable(engine).find(one) for one in (number, credit_number))
        engine.dispose()
    assert invoice and credit
    amounts = [name for name in invoice.invoice if name.endswith("_amount")]
    assert len(amounts) == 7
    assert all(invoice.invoice[name] + credit.invoice[name] == 0 for name in amounts)
    both = [*invoice.lines, *credit.lines]
    by_group = sums(both, "tax_group_code", "line_amount", "quantity")
    assert all(value == [0, 0] for value in by_group.values())
    by_tax = sums([*invoice.taxes, *credit.taxes], "tax_group_code", "taxable_amount", "tax_amount")
    assert all(value == [0, 0] for value in by_tax.values())
    assert {row["expected_line_key"] for row in credit.lines} == {
        f"K{n + 1}" for n in range(len(lines))
    }
    _assert_books_back(invoice, credit)


def _assert_books_back(invoice: Any, credit: Any) -> None:
    """The entries of both are balanced, and each of the invoice's has its reverse."""
    there = entries_of(invoice.invoice, invoice.lines, invoice.taxes)
    back = entries_of(credit.invoice, credit.lines, credit.taxes)
    for entries in (there, back):
        assert sum(row["debit_amount"] for row in entries) == sum(
            row["credit_amount"] for row in entries
        )
    turned = [
        {**row, "debit_amount": row["credit_amount"], "credit_amount": row["debit_amount"]}
        for row in back
    ]
    assert turned == there
