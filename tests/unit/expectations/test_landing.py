"""The landing door: what a contract says is what is expected."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import expectations.run
from expectations.landing.suites import make_suite
from expectations.rules import Expect, ExpectationResult
from expectations.run import run_landing, write_data_docs
from ingestion.contracts import EMPTY_PART, load_contracts, parse_contract

CONTRACT = parse_contract(
    """
feed: invoices
source: billing
group: billing
description: Invoices.
grain: one row per invoice
key: [invoice_id, line_no]
columns:
  - {name: invoice_id, type: text, required: true}
  - {name: line_no, type: integer, minimum: 1, maximum: 9}
  - {name: state, type: text, allowed: [open, paid]}
  - {name: currency_code, type: text, pattern: '^[A-Z]{3}$'}
  - {name: amount, type: "decimal(18,6)", minimum: 0}
""",
    "billing__invoices.yml",
)
SCHEMA = pa.schema(
    [
        ("invoice_id", pa.utf8()),
        ("line_no", pa.int64()),
        ("state", pa.utf8()),
        ("currency_code", pa.utf8()),
        ("amount", pa.decimal128(18, 6)),
        ("_file_hash", pa.utf8()),
    ]
)
GOOD = {
    "invoice_id": "I1",
    "line_no": 1,
    "state": "open",
    "currency_code": "EUR",
    "amount": Decimal("0.000000"),
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path


def land(home: Path, *rows: dict[str, object], name: str = "a") -> None:
    folder = home / "raw" / "billing__invoices"
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(SCHEMA.empty_table(), folder / EMPTY_PART)
    if rows:
        table = pa.Table.from_pylist([{**row, "_file_hash": name} for row in rows], schema=SCHEMA)
        pq.write_table(table, folder / f"{name}.parquet")


def results(home: Path) -> dict[tuple[str, str | None], ExpectationResult]:
    found = run_landing(home, {"invoices": CONTRACT})
    return {(one.expectation, one.column_name): one for one in found}


def test_the_suite_is_made_of_the_contract() -> None:
    assert make_suite(CONTRACT) == [
        Expect("not_null", ("invoice_id",)),
        Expect("between", ("line_no",), minimum=Decimal(1), maximum=Decimal(9)),
        Expect("in_set", ("state",), values=("open", "paid")),
        Expect("match", ("currency_code",), pattern="^[A-Z]{3}$"),
        Expect("between", ("amount",), minimum=Decimal(0)),
        Expect("unique", ("_file_hash", "invoice_id", "line_no")),
    ]


def test_the_same_event_twice_is_no_reason_to_stop() -> None:
    usage = make_suite(load_contracts()["network_usage"])
    assert usage[-1] == Expect("unique", ("network_record_id",), mostly=Decimal("0.95"))


def test_good_rows_pass(home: Path) -> None:
    land(home, GOOD, {**GOOD, "line_no": 2, "state": None}, name="a")
    land(home, {**GOOD, "invoice_id": "I2"}, name="b")
    found = results(home)
    assert len(found) == 6
    assert all(one.success for one in found.values()), found
    first = found[("expect_column_values_to_not_be_null", "invoice_id")]
    assert first == ExpectationResult(
        suite="landing.invoices",
        door="landing",
        table_name="invoices",
        expectation="expect_column_values_to_not_be_null",
        column_name="invoice_id",
        success=True,
        observed="0 of 3 rows",
        unexpected_count=0,
    )


@pytest.mark.parametrize(
    ("changes", "expectation", "column"),
    [
        ({"invoice_id": None}, "expect_column_values_to_not_be_null", "invoice_id"),
        ({"line_no": 0}, "expect_column_values_to_be_between", "line_no"),
        ({"line_no": 10}, "expect_column_values_to_be_between", "line_no"),
        ({"state": "lost"}, "expect_column_values_to_be_in_set", "state"),
        ({"currency_code": "Euro"}, "expect_column_values_to_match_regex", "currency_code"),
        ({"amount": Decimal("-0.000001")}, "expect_column_values_to_be_between", "amount"),
        (
            {"invoice_id": "I1", "amount": Decimal(2)},
            "expect_compound_columns_to_be_unique",
            "_file_hash, invoice_id, line_no",
        ),
    ],
)
def test_a_broken_promise_is_named(
    home: Path, changes: dict[str, object], expectation: str, column: str
) -> None:
    spoilt = {**GOOD, "invoice_id": "I2", **changes}
    land(home, GOOD, spoilt)
    broken = [key for key, one in results(home).items() if not one.success]
    assert broken == [(expectation, column)]
    assert results(home)[(expectation, column)].unexpected_count in (1, 2)


def test_a_later_file_may_correct_a_row_and_a_file_may_repeat_one(home: Path) -> None:
    land(home, GOOD, GOOD, name="a")
    land(home, {**GOOD, "amount": Decimal(2)}, name="b")
    assert all(one.success for one in results(home).values())


def test_a_feed_without_rows_gives_no_results(home: Path) -> None:
    assert run_landing(home, {"invoices": CONTRACT}) == []
    land(home)
    assert run_landing(home, {"invoices": CONTRACT}) == []


def test_only_the_feeds_asked_for_are_looked_at(home: Path) -> None:
    land(home, GOOD)
    assert run_landing(home, {"invoices": CONTRACT}, feeds=[]) == []


def test_at_most_so_many_rows_are_looked_at(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expectations.run, "LANDING_ROWS", 3)
    land(home, *({**GOOD, "line_no": no} for no in (1, 2)), name="a")
    land(home, *({**GOOD, "invoice_id": "I2", "line_no": no} for no in (1, 99)), name="b")
    found = results(home)
    assert all(one.success for one in found.values())
    assert found[("expect_column_values_to_not_be_null", "invoice_id")].observed == "0 of 3 rows"


def test_a_dated_feed_is_looked_at_from_its_newest_day(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = load_contracts()["mediation_rejects"]
    monkeypatch.setattr(expectations.run, "LANDING_ROWS_DATED", 2)
    schema = pa.schema([(column.name, pa.utf8()) for column in contract.columns])
    for day, marks in (("2026-07-01", "abc"), ("2026-07-02", "x")):
        folder = home / "raw" / contract.table / f"event_on={day}"
        folder.mkdir(parents=True)
        rows = [{name: mark for name in schema.names} for mark in marks]
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / "1.parquet")
    suite = [Expect("not_null", ("network_record_id",))]
    table = expectations.run._landed(home / "raw" / contract.table, contract, suite)
    assert table is not None
    assert table["network_record_id"].to_pylist() == ["x", "a"]


def test_pages_are_written_on_request(home: Path) -> None:
    land(home, GOOD, GOOD)
    write_data_docs(home, {"invoices": CONTRACT}, None, home / "docs")
    page = (home / "docs" / "landing.invoices.html").read_text(encoding="utf-8")
    assert "invoice_id" in page
