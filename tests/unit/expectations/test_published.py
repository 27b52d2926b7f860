"""The published door: what we promise our readers."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations.run import _published_names, run_published

MONTH = date(2026, 7, 1)
AMOUNT = Decimal("1.000000")
FINDING: dict[str, Any] = {
    "finding_id": "F1",
    "control_id": "USG-05",
    "category": "UNBILLED_AFTER_CYCLE",
    "period": MONTH,
    "account_id": "A1",
    "value_key": "R1",
    "expected_amount": AMOUNT,
    "actual_amount": AMOUNT,
    "under_amount": AMOUNT,
    "over_amount": AMOUNT,
    "cost_amount": AMOUNT,
    "timing_amount": AMOUNT,
    "currency_code": "EUR",
    "severity": "S2",
    "confidence": "exact",
    "evidence": "{}",
    "run_id": "r",
}
BRIDGE: dict[str, Any] = {
    "billing_month": MONTH,
    "account_id": "A1",
    "revenue_stream": "usage",
    "step_no": 1,
    "step_code": "lost_before_rating",
    "currency_code": "EUR",
    "step_amount": AMOUNT,
    "under_amount": AMOUNT,
    "over_amount": AMOUNT,
    "listed_amount": AMOUNT,
    "unexplained_amount": Decimal("0.000000"),
}
CONTROL: dict[str, Any] = {
    "control_id": "USG-05",
    "title": "Rated, not billed",
    "question": "?",
    "owner": "billing",
    "severity": "S1",
}


def publish(folder: Path, name: str, *rows: dict[str, Any]) -> None:
    pq.write_table(pa.Table.from_pylist(list(rows)), folder / f"{name}.parquet")


def broken(folder: Path, table: str) -> list[tuple[str, str | None]]:
    return [
        (one.expectation, one.column_name)
        for one in run_published(folder)
        if one.table_name == table and not one.success
    ]


def test_good_tables_pass(tmp_path: Path) -> None:
    publish(tmp_path, "dim_controls", CONTROL)
    publish(tmp_path, "fct_findings", FINDING, {**FINDING, "finding_id": "F2", "value_key": "R2"})
    publish(tmp_path, "fct_bridge", BRIDGE)
    found = run_published(tmp_path)
    assert [
        one for one in found if not one.success and one.observed != "there is no such table"
    ] == []
    assert {one.door for one in found} == {"published"}


@pytest.mark.parametrize(
    ("changes", "expectation", "column"),
    [
        ({"finding_id": "F1"}, "expect_column_values_to_be_unique", "finding_id"),
        (
            {"value_key": "R1"},
            "expect_compound_columns_to_be_unique",
            "control_id, period, category, value_key",
        ),
        ({"under_amount": Decimal(-1)}, "expect_column_values_to_be_between", "under_amount"),
        ({"currency_code": "eur"}, "expect_column_values_to_match_regex", "currency_code"),
        ({"severity": "S9"}, "expect_column_values_to_be_in_set", "severity"),
        ({"control_id": "USG-99"}, "expect_column_values_to_be_in_set", "control_id"),
        ({"value_key": None}, "expect_column_values_to_not_be_null", "value_key"),
    ],
)
def test_a_broken_finding_is_named(
    tmp_path: Path, changes: dict[str, Any], expectation: str, column: str
) -> None:
    publish(tmp_path, "dim_controls", CONTROL)
    other = {**FINDING, "finding_id": "F2", "value_key": "R2", **changes}
    publish(tmp_path, "fct_findings", FINDING, other)
    assert broken(tmp_path, "fct_findings") == [(expectation, column)]


def test_an_unexplained_cent_is_named(tmp_path: Path) -> None:
    publish(tmp_path, "fct_bridge", {**BRIDGE, "unexplained_amount": Decimal("0.000001")})
    assert broken(tmp_path, "fct_bridge") == [
        ("expect_column_values_to_be_between", "unexplained_amount")
    ]


def test_a_column_that_is_gone_is_named(tmp_path: Path) -> None:
    rest = {name: value for name, value in FINDING.items() if name != "run_id"}
    publish(tmp_path, "fct_findings", rest)
    assert [name for name, _ in broken(tmp_path, "fct_findings")] == [
        "expect_table_columns_to_match_set"
    ]


def test_an_empty_table_is_whole(tmp_path: Path) -> None:
    table = pa.Table.from_pylist([FINDING])
    pq.write_table(table.slice(0, 0), tmp_path / "fct_findings.parquet")
    assert broken(tmp_path, "fct_findings") == []


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert [(one.table_name, one.success) for one in run_published(tmp_path)] == [
        (name, False) for name in _published_names()
    ]


def test_the_library_is_loaded_only_to_validate() -> None:
    program = "import sys, expectations.run; print('great_expectations' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
