"""Invoices of Zuora's export through BIL-03; the figures were added up by hand.

Each of the five invoices prints 65.00 + 5.36 = 70.36 USD, and each has one line, in yen. No line in
the invoice's own currency stands behind what is printed: 65.00 too much on the net figure and 5.36
on the tax, five times.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from dagster_project.lib.controls.reperform import compose, run_again
from dagster_project.lib.snapshot import open_snapshot

from .conftest import ROOT, run_tieout

SOURCE = ROOT.parent / "shared/data/order_to_cash/fivetran+dbt_zuora/seeds"
MAPPING = """
[operator]
name = "Zuora"
time_zone = "UTC"
currency_code = "USD"
home_country_code = "1"
[feeds.accounts]
preset = "zuora_accounts"
path = "zuora_account_data.csv"
[feeds.invoices]
preset = "zuora_invoices"
path = "zuora_invoice_data.csv"
[feeds.invoice_lines]
preset = "zuora_invoice_items"
path = "zuora_invoice_item_data.csv"
"""
MONTHS = ["2015-02", "2015-07", "2015-09", "2015-10", "2016-01"]
Line = dict[str, str]

pytestmark = pytest.mark.skipif(
    not SOURCE.is_dir(), reason="the files of others (../shared/data) are not here"
)


def _run(folder: Path, change: Callable[[Line], None]) -> list[tuple[str, str, Decimal, Decimal]]:
    """Category, month, under and over of each finding of BIL-03, after the lines were changed."""
    landing = folder / "landing"
    landing.mkdir(parents=True)
    (folder / "tieout.toml").write_text(MAPPING)
    for name in ("account", "invoice", "invoice_item"):
        path = SOURCE / f"zuora_{name}_data.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows if name == "invoice_item" else []:
            change(row)
        with (landing / path.name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    done = run_tieout("run", "--from", "2015-01", "--period", "2016-02", "--json", cwd=folder)
    assert done.code == 0, done.err
    snapshot = open_snapshot(folder / ".tieout")
    unexplained = snapshot.rows("select sum(abs(unexplained_amount)) as total from fct_bridge")
    assert unexplained[0]["total"] == 0
    found = snapshot.rows(
        "select category, strftime(period, '%Y-%m') as month, under_amount, over_amount "
        "from fct_findings where control_id = 'BIL-03' order by all"
    )
    return [tuple(row.values()) for row in found]


def test_invoices_without_a_line_in_their_own_currency_do_not_foot(tmp_path: Path) -> None:
    folder = tmp_path / "operator"
    found = _run(folder, lambda line: None)
    none, net, tax = Decimal(0), Decimal("65.00"), Decimal("5.36")
    assert found == [
        *(("FOOT_DIFF", month, none, net) for month in MONTHS),
        *(("TAX_FOOT", month, none, tax) for month in MONTHS),
    ]
    snapshot = open_snapshot(folder / ".tieout")
    inputs = snapshot.manifest.provenance.inputs
    query = "select * from fct_findings where control_id = 'BIL-03' order by category desc"
    for finding in snapshot.rows(query):
        wanted = ("BIL-03", str(finding["finding_id"]))
        sql = compose(snapshot.folder, folder / ".tieout", inputs, *wanted)
        assert run_again(sql, finding).is_equal, wanted
    told = run_tieout("explain", wanted[1], cwd=folder)
    assert "not added: 1 lines in JPY" in told.out


def _in_dollars(line: Line) -> None:
    """The line of October's invoice, as its printed figures would have it."""
    if line["invoice_id"] == "dff38ac0a531a01100012160a3061ef6":
        line["transaction_currency"] = "USD"
        line["quantity"], line["unit_price"] = "1", "65"
        line["charge_amount"], line["tax_amount"] = "65", "5.36"


def test_an_invoice_whose_line_and_tax_are_right_is_no_finding(tmp_path: Path) -> None:
    found = _run(tmp_path / "operator", _in_dollars)
    assert sorted(month for _, month, _, _ in found) == sorted(
        [month for month in MONTHS if month != "2015-10"] * 2
    )
