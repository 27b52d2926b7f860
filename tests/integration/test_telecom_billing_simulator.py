"""Files that others made: a small operator with the bills of its own engine, through a mapping.

The engine hands over no rated records, only invoice lines, so usage is compared by account,
subscription, service and month. The mapping is telecom_billing_simulator/tieout.toml.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.lib.snapshot import open_snapshot

from .conftest import ROOT, run_tieout

SOURCE = ROOT.parent / "shared" / "data" / "telecom_billing_simulator"
MAPPING = Path(__file__).parent / "telecom_billing_simulator" / "tieout.toml"
BASE_UNITS = {"voice": 60, "sms": 1, "data": 1_048_576}
PER_UNIT = {"voice": "per_voice_minute", "sms": "per_sms", "data": "per_mb"}
FEES = {"MRC": "monthly_recurring_charge", "REG_FEE": "regulatory_fee", "ADM_FEE": "admin_fee"}
INCLUDED = (
    ("voice", "voice_seconds", 1, "second"),
    ("sms", "sms", 1, "event"),
    ("data", "data_kb", 1024, "byte"),
)

pytestmark = pytest.mark.skipif(
    not SOURCE.is_dir(), reason="the files of others (../shared/data) are not here"
)
Invoices = list[dict[str, Any]]


def _prices(plan: dict[str, Any]) -> list[dict[str, Any]]:
    common = {"plan": plan["id"], "tax": plan["tax_category"]}
    fees = [
        {**common, "charge": code, "type": "recurring", "price": plan[name]}
        for code, name in FEES.items()
    ]
    usage = [
        {
            **common,
            "charge": f"USAGE_{service.upper()}",
            "type": "usage",
            "service": service,
            "price": plan["overage"][PER_UNIT[service]],
            "unit": unit,
            "increment": unit,
        }
        for service, unit in BASE_UNITS.items()
    ]
    blank = {"service": None, "unit": None, "increment": None}
    return [{**blank, **row} for row in (*fees, *usage)]


def _allowances(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "plan": plan["id"],
            "service": service,
            "quantity": plan["allowance"][name] * factor,
            "unit": unit,
        }
        for service, name, factor, unit in INCLUDED
    ]


def _project(folder: Path, change: Callable[[Invoices], None]) -> Path:
    """The operator's files in a project folder, its invoices changed as the test asks."""
    landing = folder / "landing"
    landing.mkdir(parents=True)
    shutil.copy(MAPPING, folder / "tieout.toml")
    for name in ("cdrs.csv", "subscribers.csv", "topups.csv"):
        shutil.copy(SOURCE / name, landing / name)
    read = {path.stem: json.loads(path.read_text()) for path in SOURCE.glob("*.json")}
    plans, invoices = read["rate_plans"]["plans"], read["postpaid"]["invoices"]
    change(invoices)
    lines = {
        "plans": plans,
        "prices": [row for plan in plans for row in _prices(plan)],
        "allowances": [row for plan in plans for row in _allowances(plan)],
        "discounts": read["discount_rules"]["discounts"],
        "taxes": read["tax_rules"]["taxes"],
        "invoices": [{**one["totals"], "ban": one["ban"]} for one in invoices],
        "charges": [
            {**charge, "ban": one["ban"], "no": no}
            for one in invoices
            for no, charge in enumerate(one["charges"], start=1)
        ],
    }
    for name, rows in lines.items():
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (landing / f"{name}.jsonl").write_text(text)
    return folder


def _run(folder: Path) -> dict[str, Any]:
    done = run_tieout("run", "--period", "2026-07", "--json", cwd=folder)
    assert done.code == 0, done.err
    return done.document


def _leave_as_is(invoices: Invoices) -> None:
    """The engine's own bills."""


def test_expected_charges_are_the_bills_of_the_other_engine(tmp_path: Path) -> None:
    folder = _project(tmp_path / "operator", _leave_as_is)
    _run(folder)
    snapshot = open_snapshot(folder / ".tieout")
    totals = snapshot.rows("select account_id, total_amount from fct_expected_invoices order by 1")
    assert [tuple(row.values()) for row in totals] == [
        ("1001", Decimal("94.96")),
        ("1002", Decimal("49.46")),
    ]
    usage = snapshot.rows(
        "select charge_code, net_amount from fct_expected_charges "
        "where charge_type = 'usage' and net_amount <> 0 order by 1"
    )
    assert [tuple(row.values()) for row in usage] == [
        ("USAGE_DATA", Decimal("1.01")),
        ("USAGE_SMS", Decimal("2.50")),
        ("USAGE_VOICE", Decimal("5.00")),
    ]
    assert snapshot.rows("select * from fct_findings") == []
    unexplained = "select sum(abs(unexplained_amount)) as total from fct_bridge"
    assert snapshot.rows(unexplained)[0]["total"] == 0
    not_run = snapshot.rows("select control_id, reason from fct_control_runs where reason <> ''")
    reasons = {row["control_id"]: row["reason"] for row in not_run}
    assert reasons["RAT-01"] == "nothing delivered for rated_usage"
    assert reasons["ORD-02"] == "nothing delivered for network_profiles"
    assert "USG-05" not in reasons


def test_the_prepaid_account_is_debited_as_the_other_engine_did(tmp_path: Path) -> None:
    folder = _project(tmp_path / "operator", _leave_as_is)
    _run(folder)
    [database] = (folder / ".tieout" / "warehouse").glob("*.duckdb")
    with duckdb.connect(str(database), read_only=True) as connection:
        debits = connection.execute(
            "select strftime(started_at, '%Y-%m-%dT%H:%M:%S'), upper(service_code), "
            "coalesce(wanted_amount, cost_amount), money_after_amount, is_rejected "
            "from main.int_prepaid__debits order by started_at"
        ).fetchall()
        left = connection.execute(
            "select subscription_id, money_amount from main.int_prepaid__balances_after"
        ).fetchall()
    [account] = json.loads((SOURCE / "prepaid.json").read_text())["prepaid"]
    usage = [one for one in account["events"] if one["kind"] != "TOPUP"]
    assert debits == [
        (
            one["time"],
            one["kind"],
            Decimal(one["amount"]),
            Decimal(one["balance_after"]),
            one["rejected"],
        )
        for one in usage
    ]
    assert debits[-1][2:] == (Decimal("30.00"), Decimal("17.00"), True)
    assert left == [(account["subscriber_no"], Decimal("17.00"))]


def _charge(invoice: dict[str, Any], description: str) -> dict[str, Any]:
    [found] = [one for one in invoice["charges"] if one["description"].startswith(description)]
    return dict(found)


def _break_three(invoices: Invoices) -> None:
    """Leave voice (5.00) out, bill sms (2.50) twice, and data at 3.01 instead of 1.01."""
    [alice] = [one for one in invoices if one["ban"] == "1001"]
    sms = _charge(alice, "SMS overage")
    charges = [
        one for one in alice["charges"] if not one["description"].startswith("Voice overage")
    ]
    for one in charges:
        if one["description"].startswith("Data overage"):
            one["amount"] = "3.01"
    alice["charges"] = [sms, *charges]
    # its own engine would print totals that fit: 8.51 - 5.00 + 2.50 + 2.00
    alice["totals"]["usage"] = "8.01"
    alice["totals"]["grand_total"] = "94.46"


def test_a_deleted_a_doubled_and_a_changed_charge_are_found_and_nothing_else(
    tmp_path: Path,
) -> None:
    folder = _project(tmp_path / "operator", _break_three)
    _run(folder)
    rows = open_snapshot(folder / ".tieout").rows(
        "select control_id, category, value_key, under_amount, over_amount, match_level "
        "from fct_findings order by value_key"
    )
    level = "account, subscription, service and month"
    found = [tuple(row.values()) for row in rows]
    assert found == [
        ("USG-05", "AMOUNT_DIFF", "1001|5551000001|data", Decimal(0), Decimal("2.00"), level),
        ("USG-05", "BILLED_TWICE", "1001|5551000001|sms", Decimal(0), Decimal("2.50"), level),
        (
            "USG-05",
            "UNBILLED_AFTER_CYCLE",
            "1001|5551000001|voice",
            Decimal("5.00"),
            Decimal(0),
            level,
        ),
    ]
    done = run_tieout("findings", "--json", cwd=folder)
    finding_id = next(
        one["finding_id"] for one in done.document["findings"] if one["value_key"].endswith("voice")
    )
    told = run_tieout("explain", finding_id, cwd=folder)
    assert told.code == 0, told.err
    assert "Billing hands over no rated records" in told.out
    again = run_tieout("explain", finding_id, "--reperform", cwd=folder)
    assert again.code == 0, again.out + again.err
