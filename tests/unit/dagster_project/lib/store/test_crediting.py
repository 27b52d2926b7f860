"""Credit notes for a part of an invoice: figures by hand, and that all parts net it to zero."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dagster_project.lib import store as store_package
from dagster_project.lib.billing.journal import entries_of
from dagster_project.lib.errors import DataError, UsageError
from dagster_project.lib.store import CreditPart, InvoiceTable, Issuer, NewDocument, open_store
from dagster_project.lib.store.billing_tables import issued_invoices, issued_lines
from tests.unit.dagster_project.lib.store import issue_run
from tests.unit.dagster_project.lib.store.issue_run import STAMP, number_of

NUMBER = "NORTH-2026-000001"
M = 1_000_000


def document(lines: list[tuple[str, str, int]], taxes: dict[str, tuple[int, int]]) -> NewDocument:
    """An invoice of lines (key, tax group, micros; a discount ends in |D) and taxes by group."""
    base = issue_run.document(1, "A1")
    net, tax = sum(line[2] for line in lines), sum(micros for _, micros in taxes.values())
    off = sum(micros for key, _, micros in lines if key.endswith("|D"))
    head = {**base.invoice, "gross_micros": net - off, "discount_micros": -off, "net_micros": net}
    head |= {"tax_micros": tax, "total_micros": net + tax, "line_count": len(lines)}
    rows = []
    for no, (key, group, micros) in enumerate(lines, start=1):
        kind = {"line_type": "discount", "discount_id": "D"} if key.endswith("|D") else {}
        row = {"line_no": no, "expected_line_key": key, "line_micros": micros, "event_count": 3}
        row |= {"quantity_micros": M, "tax_group_code": group, **kind}
        rows.append({**base.lines[0], **row})
    return NewDocument(
        head,
        rows,
        [
            {**base.taxes[0], "tax_no": no, "tax_group_code": group,
             "taxable_micros": taxable, "tax_micros": micros}
            for no, (group, (taxable, micros)) in enumerate(sorted(taxes.items()), start=1)
        ],
    )  # fmt: skip


@cache
def _empty_store() -> bytes:
    """A store at its newest revision; making one takes longer than all of a test."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tieout.db"
        open_store(f"sqlite:///{path}").dispose()
        return path.read_bytes()


@contextmanager
def issued(one: NewDocument) -> Iterator[tuple[sa.Engine, Issuer]]:
    """A store in which that invoice has the first number."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tieout.db"
        path.write_bytes(_empty_store())
        engine = open_store(f"sqlite:///{path}")
        issue_run.add_run(engine, "R1", 1)
        issue_run.issue(engine, "R1", [one])
        yield engine, Issuer(engine, number_of)
        engine.dispose()


def plan() -> NewDocument:
    """20.00 less 5.00 of its own, and 9.99: 24.99 at 19 % is 4.75; 10.00 at 7 % is 0.70."""
    lines = [("K1", "S", 20 * M), ("K1|D", "S", -5 * M), ("K2", "S", 9_990_000)]
    lines.append(("K3", "R", 10 * M))
    return document(lines, {"S": (24_990_000, 4_750_000), "R": (10 * M, 700_000)})


def told(engine: sa.Engine, number: str) -> tuple[Any, ...]:
    found = InvoiceTable(engine).find(number)
    assert found
    head = found.invoice
    lines = {line["line_no"]: line["line_amount"].normalize() for line in found.lines}
    taxes = [(tax["taxable_amount"], tax["tax_amount"]) for tax in found.taxes]
    return lines, taxes, head["total_amount"].normalize(), head["is_part"]


def test_a_line_is_credited_in_parts_with_its_own_discount_and_tax() -> None:
    """Of 15.00 first 4.00: 5.33 less 1.33, tax 4.00 / 24.99 of 4.75 = 0.76; then the other 11.00.

    15.00 / 24.99 of 4.75 is 2.85, of which 0.76 was given back before: 2.09.
    """
    with issued(plan()) as (engine, issuer):
        first = issuer.credit(NUMBER, STAMP, "outage", CreditPart(1, 4 * M))
        second = issuer.credit(NUMBER, STAMP, "outage", CreditPart(1))
        assert told(engine, first) == (
            {1: Decimal("-5.33"), 2: Decimal("1.33")},
            [(Decimal("-4"), Decimal("-0.76"))],
            Decimal("-4.76"),
            True,
        )
        assert told(engine, second) == (
            {1: Decimal("-14.67"), 2: Decimal("3.67")},
            [(Decimal("-11"), Decimal("-2.09"))],
            Decimal("-13.09"),
            True,
        )
        rest = issuer.credit(NUMBER, STAMP, "all wrong")
        assert told(engine, rest) == (
            {3: Decimal("-9.99"), 4: Decimal("-10")},
            [(Decimal("-10"), Decimal("-0.7")), (Decimal("-9.99"), Decimal("-1.9"))],
            Decimal("-22.59"),
            False,
        )
        assert [first, second, rest] == [f"NORTH-2026-00000{no}" for no in (2, 3, 4)]
        assert InvoiceTable(engine).credit_notes_of(NUMBER) == [first, second, rest]
        with pytest.raises(DataError, match="credited before, by NORTH-2026-000004"):
            issuer.credit(NUMBER, STAMP, "again", CreditPart(1))


def test_a_part_says_how_it_was_reckoned_and_names_no_quantity() -> None:
    with issued(plan()) as (engine, issuer):
        for micros in (4 * M, 2 * M):
            number = issuer.credit(NUMBER, STAMP, "outage", CreditPart(3, micros))
        found = InvoiceTable(engine).find(number)
        assert found
        [line] = found.lines
        assert (line["quantity"], line["unit_code"], line["event_count"]) == (None, None, 0)
        assert line["arithmetic"] == "2.00 EUR of 9.99 EUR, of which 4.00 EUR was credited before"
        last = InvoiceTable(engine).find(issuer.credit(NUMBER, STAMP, "outage", CreditPart(3)))
        assert last and [row["event_count"] for row in last.lines] == [3]


@pytest.mark.parametrize(
    ("part", "kind", "what"),
    [
        (CreditPart(1, 15 * M + 10_000), DataError, "line 1 cannot be credited with 15.01 EUR"),
        (CreditPart(2, M), UsageError, "line 2 is a discount"),
        (CreditPart(7), UsageError, "line 7 is not on the invoice"),
        (CreditPart(3, 5_001_000), UsageError, "5.001000 is not an amount that can be credited"),
        (CreditPart(3, 0), UsageError, "0.000000 is not an amount that can be credited"),
        (CreditPart(3, -M), UsageError, "-1.000000 is not an amount that can be credited"),
    ],
)
def test_what_is_not_there_is_not_credited(
    part: CreditPart, kind: type[Exception], what: str
) -> None:
    with issued(plan()) as (engine, issuer):
        with pytest.raises(kind, match=what):
            issuer.credit(NUMBER, STAMP, "why", part)
        assert InvoiceTable(engine).count() == 1


def test_a_discount_of_the_whole_bill_limits_its_lines() -> None:
    """10.00 and 10.00 less 8.00 of the account: after one line only 2.00 are left of the other."""
    lines = [("K1", "S", 10 * M), ("K2", "S", 10 * M), ("A1|D", "S", -8 * M)]
    with issued(document(lines, {"S": (12 * M, 2_280_000)})) as (_, issuer):
        issuer.credit(NUMBER, STAMP, "why", CreditPart(1))
        with pytest.raises(DataError, match="line 2 cannot be credited with") as refused:
            issuer.credit(NUMBER, STAMP, "why", CreditPart(2))
        assert "at most 2.00 EUR" in str(refused.value.fix)


CENTS = st.integers(1, 100_000).map(lambda cents: cents * 10_000)


@settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    lines=st.lists(st.tuples(CENTS, st.sampled_from("SR"), st.booleans()), min_size=1, max_size=4),
    rates=st.tuples(st.integers(0, 300), st.integers(0, 300)),
    steps=st.lists(st.tuples(st.integers(1, 8), CENTS), max_size=6),
    ends_whole=st.booleans(),
)
def test_all_parts_net_the_invoice_to_zero(
    lines: list[tuple[int, str, bool]],
    rates: tuple[int, int],
    steps: list[tuple[int, int]],
    ends_whole: bool,
) -> None:
    rows: list[tuple[str, str, int]] = []
    for no, (micros, group, is_discounted) in enumerate(lines):
        rows.append((f"K{no}", group, micros))
        if is_discounted:
            rows.append((f"K{no}|D", group, -(micros // 30_000 * 10_000)))
    nets = {group: sum(row[2] for row in rows if row[1] == group) for group in {r[1] for r in rows}}
    taxes = {
        group: (net, (net * rates["SR".index(group)] // 1000 + 5_000) // 10_000 * 10_000)
        for group, net in nets.items()
    }
    with issued(document(rows, taxes)) as (engine, issuer):
        notes = []
        for line_no, micros in steps:
            try:
                notes.append(issuer.credit(NUMBER, STAMP, "part", CreditPart(line_no, micros)))
            except (DataError, UsageError):
                continue
        parts = range(1, len(rows) + 1)
        last: list[CreditPart | None] = [None] if ends_whole else [CreditPart(no) for no in parts]
        for part in last:
            try:
                notes.append(issuer.credit(NUMBER, STAMP, "rest", part))
            except (DataError, UsageError):
                continue
        table = InvoiceTable(engine)
        documents = [table.find(one) for one in (NUMBER, *notes)]
        assert None not in documents
        before = [{}, *(table.lines_before(one.invoice) for one in documents[1:] if one)]
    _assert_zero(documents)
    _assert_books_zero(documents, before)


def _assert_zero(documents: list[Any]) -> None:
    heads = [one.invoice for one in documents]
    names = ("gross", "discount", "net", "tax", "rounding", "total")
    assert {name: sum(head[f"{name}_amount"] for head in heads) for name in names} == (
        dict.fromkeys(names, 0)
    )
    for table, by, columns in (
        ("lines", "line_no", ("line_amount",)),
        ("taxes", "tax_no", ("taxable_amount", "tax_amount")),
    ):
        sums: dict[Any, Decimal] = {}
        for one in documents:
            for row in getattr(one, table):
                for column in columns:
                    key = (row[by], column)
                    sums[key] = sums.get(key, Decimal(0)) + row[column]
        assert set(sums.values()) <= {Decimal(0)}
    for one in documents:
        assert sum(line["line_amount"] for line in one.lines) == one.invoice["net_amount"]
        assert sum(tax["tax_amount"] for tax in one.taxes) == one.invoice["tax_amount"]
    # no note is more than what was left, and the last one alone ends it
    assert all(head["total_amount"] <= 0 for head in heads[1:])
    assert [head["is_part"] for head in heads[1:]] == [True] * (len(heads) - 2) + [False]


def _assert_books_zero(documents: list[Any], before: list[dict[int, Decimal]]) -> None:
    """Each document is balanced, and together they leave nothing on any account."""
    sums: dict[Any, Decimal] = {}
    for one, lines in zip(documents, before, strict=True):
        entries = entries_of(one.invoice, one.lines, one.taxes, lines)
        assert sum(row["debit_amount"] - row["credit_amount"] for row in entries) == 0
        for row in entries:
            key = (row["entry_type"], row["gl_account_id"], row["line_type"], row["tax_name"])
            change = row["debit_amount"] - row["credit_amount"]
            sums[key] = sums.get(key, Decimal(0)) + change
    assert set(sums.values()) <= {Decimal(0)}


def test_deferred_revenue_of_parts_is_that_of_their_sum() -> None:
    """10.00 for July to September, billed in July: 61 of 92 days, 6.63 are deferred.

    Credited in two halves each 3.315 of it: 3.31 first, leaving 3.32 (5.00 deferred), then 3.32.
    """
    days = {"service_start_on": date(2026, 7, 1), "service_end_on": date(2026, 10, 1)}
    one = document([("K1", "S", 10 * M)], {"S": (10 * M, 1_900_000)})
    quarter = NewDocument(one.invoice, [{**row, **days} for row in one.lines], one.taxes)
    with issued(quarter) as (engine, issuer):
        table, deferred = InvoiceTable(engine), []
        for _ in range(2):
            found = table.find(issuer.credit(NUMBER, STAMP, "why", CreditPart(1, 5 * M)))
            assert found
            before = table.lines_before(found.invoice)
            rows = entries_of(found.invoice, found.lines, found.taxes, before)
            deferred += [r["debit_amount"] for r in rows if r["entry_type"] == "deferred_revenue"]
    assert deferred == [Decimal("3.31"), Decimal("3.32")]


def test_a_store_from_before_parts_keeps_its_rows_and_its_guards(tmp_path: Path) -> None:
    """Back to the revision before, and up again: rows, numbers and triggers are all there."""
    engine = open_store(f"sqlite:///{tmp_path / 'tieout.db'}")
    issue_run.add_run(engine, "R1", 2)
    issue_run.issue(engine, "R1", [plan(), issue_run.document(2, "A2")])
    Issuer(engine, number_of).credit("NORTH-2026-000002", STAMP, "wrong")
    config = Config()
    folder = Path(store_package.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
    before = _lines(engine)
    engine.dispose()
    engine = open_store(str(engine.url))
    assert _lines(engine) == before
    issuer = Issuer(engine, number_of)
    with pytest.raises(DataError, match="credited before, by NORTH-2026-000003"):
        issuer.credit("NORTH-2026-000002", STAMP, "again")
    for _ in range(2):
        issuer.credit(NUMBER, STAMP, "outage", CreditPart(1, M))
    for table in (issued_invoices, issued_lines):
        with pytest.raises(sa.exc.DBAPIError, match="correct it by"), engine.begin() as connection:
            connection.execute(sa.delete(table))
    engine.dispose()


def _lines(engine: sa.Engine) -> list[Any]:
    with engine.connect() as connection:
        query = "select invoice_id, line_no, line_micros from issued_lines order by 1, 2"
        return [tuple(row) for row in connection.execute(sa.text(query))]
