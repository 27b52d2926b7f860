"""A small snapshot with the columns of the published models, to look at pages with."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from dagster_project.lib.snapshot import Provenance, commit, stage, stage_extra
from dagster_project.lib.warehouse import TableSpec

MODELS = Path(__file__).resolve().parents[3] / "dbt" / "models"
TABLES = (
    "dim_controls",
    "fct_bridge",
    "fct_bridge_items",
    "fct_control_days",
    "fct_control_runs",
    "fct_finding_allocations",
    "fct_finding_details",
    "fct_findings",
    "fct_landed_files",
)
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
CONTROLS = {"BIL-01": "Recurring charges", "USG-05": "Rated, not billed", "RAT-01": "Re-rating"}
NUMBER = "4915501001848"
RATED = "a" * 32
LOST = "b" * 32
PAID = "d" * 32
Row = dict[str, Any]


def publish(home: Path, *, has_findings: bool = True, revision: str = "c1") -> str:
    """Publish the sample and make it the current snapshot.

    Returns: its id.
    """
    rows = _facts(has_findings=has_findings)
    with duckdb.connect() as connection:
        for name in TABLES:
            _fill(connection, name, rows.get(name, []))
        specs = [TableSpec(name, name) for name in TABLES]
        folder = stage(connection, specs, home, "run")
    stage_extra(folder, "expectation_results", _checks(is_failed=has_findings))
    lineage = {
        "controls": {"RAT-01": "ctl"},
        "models": {"ctl": {"name": "ctl_rat_01", "sql": "select 1 as rated"}},
    }
    (folder / "lineage.json").write_text(json.dumps(lineage), encoding="utf-8")
    about = Provenance("r1", revision, "2026-05-01", "2026-06-01", "Europe/Berlin", "EUR")
    return commit(home, folder, about)[0].snapshot_id


def columns_of(table: str) -> dict[str, str]:
    """The columns of a published table as its model declares them."""
    beside = next(MODELS.rglob(f"{table}.yml"))
    model = yaml.safe_load(beside.read_text(encoding="utf-8"))["models"][0]
    kinds = {"string": "varchar"}
    return {
        column["name"]: kinds.get(column["data_type"], column["data_type"])
        for column in model["columns"]
    }


def _fill(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Row]) -> None:
    columns = columns_of(table)
    declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute(f"create table {table} ({declared})")
    for row in rows:
        assert row.keys() <= columns.keys()
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        connection.execute(f"insert into {table} ({names}) values ({marks})", list(row.values()))


def _facts(*, has_findings: bool) -> dict[str, list[Row]]:
    findings = _findings() if has_findings else []
    return {
        "dim_controls": [{"control_id": i, "title": t, "question": f"{t}?"}
                         for i, t in CONTROLS.items()],
        "fct_findings": findings,
        "fct_finding_details": _details() if has_findings else [],
        "fct_finding_allocations": [
            {"finding_id": row["finding_id"], "account_id": row["account_id"] or "",
             "revenue_stream": "recurring" if row["control_id"] == "BIL-01" else "usage",
             "step_code": "rating", "billing_month": row["period"],
             "under_amount": row["under_amount"], "over_amount": row["over_amount"],
             "currency_code": row["currency_code"]} for row in findings if not row["cost_amount"]],
        "fct_control_days": [
            {"control_id": "RAT-01", "event_on": date(2026, 6, 11), "finding_count": 1,
             "under_amount": Decimal("1.5"), "over_amount": Decimal(0), "currency_code": "EUR"},
        ] if has_findings else [],
        "fct_control_runs": _runs(has_findings=has_findings),
        "fct_bridge": _bridge(has_findings=has_findings),
        "fct_bridge_items": [
            {"billing_month": JUNE, "account_id": "A1", "revenue_stream": "usage",
             "step_code": "suspense", "item_type": "waits", "item_key": "k",
             "item_amount": Decimal("0.25"), "currency_code": "EUR"}] if has_findings else [],
        "fct_landed_files": [
            {"feed": "rated_usage", "source_file": "rated/june.csv", "file_hash": "aa",
             "status": "loaded", "reason": "", "line_count": 10, "header_count": 1,
             "trailer_count": 0, "blank_count": 0, "loaded_count": 8, "quarantined_count": 1,
             "deleted_count": 0, "ambiguous_time_count": 0, "missing_time_count": 0}],
    }  # fmt: skip


def _findings() -> list[Row]:
    """One that differs, one lost, one in dollars, a partner's, and dozens of a month's charge."""

    def made(number: str, control: str, category: str, under: str, over: str, **more: Any) -> Row:
        amounts = {"under_amount": Decimal(under), "over_amount": Decimal(over)}
        amounts |= {"expected_amount": Decimal(under), "actual_amount": Decimal(over)}
        zero = {"timing_amount": Decimal(0), "cost_amount": Decimal(0)}
        given = {
            "finding_id": number,
            "control_id": control,
            "category": category,
            "period": JUNE,
            "account_id": "A1",
            "value_key": number[:6],
            "currency_code": "EUR",
            "severity": "S2",
            "evidence": "{}",
            "run_id": "r1",
        }
        return {**given, **amounts, **zero, **more}

    at = datetime(2026, 6, 11, 9, 30)  # noqa: DTZ001
    many = [made(f"{n:032x}", "BIL-01", "RC_MISSING", f"{n}.99", "0", account_id=f"B{n}")
            for n in range(1, 31)]  # fmt: skip
    return [
        made(RATED, "RAT-01", "UNDER_RATED", "1.5", "0", event_at=at, value_key=f"{NUMBER}|PLAN"),
        made(LOST, "USG-05", "UNBILLED_AFTER_CYCLE", "0.000319", "0", period=MAY, severity="S4"),
        made("c" * 32, "RAT-01", "OVER_RATED", "0", "7", currency_code="USD"),
        made(
            PAID,
            "PAR-02",
            "RATE_DIFF",
            "0",
            "0",
            account_id=None,
            partner_id="ALPHA",
            cost_amount=Decimal("3.25"),
        ),
        *many,
    ]


def _details() -> list[Row]:
    left = {"service_id": NUMBER, "quantity": "707.000", "service_code": "voice"}
    right = {"service_id": NUMBER, "quantity": "353", "charge_amount": "0.10"}
    return [
        {
            "finding_id": RATED, "rule": "Would an independent rater reach the same charge?",
            "arithmetic": f"quantity 707 of {NUMBER} -> 12 minutes x 0.14; billing charged 0.10",
            "left_feed": "network_usage", "left_source_file": "net/june.csv",
            "left_source_row": 12, "left_record": json.dumps(left),
            "right_feed": "rated_usage", "right_source_file": "rated/june.csv",
            "right_source_row": 13, "right_record": json.dumps(right),
            "price_record": json.dumps({"price_amount": "0.14", "zone_code": "",
                                        "source_file": "prices.csv", "source_row": "3"}),
        }
    ]  # fmt: skip


def _runs(*, has_findings: bool) -> list[Row]:
    status = "findings" if has_findings else "pass"
    rows = [
        {
            "control_id": control,
            "billing_month": month,
            "status": status,
            "left_count": 100,
            "finding_count": 0,
        }
        for control in ("BIL-01", "RAT-01")
        for month in (MAY, JUNE)
    ]
    waived = {"status": "not_run", "reason": "nothing delivered for rated_usage"}
    return [*rows, {"control_id": "USG-05", "billing_month": JUNE, "left_count": 0, **waived}]


def _bridge(*, has_findings: bool) -> list[Row]:
    """June: 1,000.00 expected, 1.50 under, 7.25 over, 0.25 listed, 1,005.50 billed."""

    def step(no: int, code: str, amount: str, under: str, over: str, listed: str) -> Row:
        names = ("step_amount", "under_amount", "over_amount", "listed_amount")
        values = dict(zip(names, map(Decimal, (amount, under, over, listed)), strict=True))
        return {"billing_month": JUNE, "account_id": "A1", "revenue_stream": "usage",
                "step_no": no, "step_code": code, "currency_code": "EUR",
                "unexplained_amount": Decimal(0), **values}  # fmt: skip

    expected = step(0, "expected", "1000", "0", "0", "0")
    if not has_findings:
        return [expected, step(99, "billed", "1000", "0", "0", "0")]
    dollars = step(0, "expected", "50", "0", "0", "0"), step(99, "billed", "50", "0", "0", "0")
    return [
        expected,
        step(3, "suspense", "0.25", "0", "0", "0.25"),
        step(5, "rating", "-5.75", "1.5", "7.25", "0"),
        step(99, "billed", "1005.5", "0", "0", "0"),
        *({**row, "currency_code": "USD"} for row in dollars),
    ]


def _checks(*, is_failed: bool) -> pa.Table:
    row = {"suite": "landing.a", "door": "landing", "table_name": "rated_usage",
           "expectation": "not_null", "column_name": "service_id", "success": True,
           "observed": "0 of 9 rows", "unexpected_count": 0}  # fmt: skip
    return pa.Table.from_pylist([row, {**row, "door": "published", "success": not is_failed}])
