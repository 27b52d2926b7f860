"""A database that looks like that of a bill run's models, with invoices made by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.lib.billing.content import DraftContent, open_content
from dagster_project.lib.billing.draft import DraftSummary, Scope, make_draft, place_draft
from dagster_project.lib.billing.gate import GateLimits
from dagster_project.lib.billing.interface import VIEWS

MONTH, NEXT = date(2026, 7, 1), date(2026, 8, 1)
LIMITS = GateLimits()


class Models:
    """The tables of the interface; a test puts rows into them."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        for model, columns in VIEWS.values():
            listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            self.connection.execute(f"create table {model} ({listed})")
        self.put("sellers", legal_entity_code="NORTH", legal_name="North Ltd", payment_term_days=14)

    def put(self, view: str, **values: Any) -> None:
        model = VIEWS[view][0]
        names = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        self.connection.execute(
            f"insert into {model} ({names}) values ({marks})",  # noqa: S608
            list(values.values()),
        )

    def account(self, account_id: str, cycle: str = "01") -> None:
        """An account with one active subscription."""
        shared = {"account_id": account_id, "bill_cycle_code": cycle}
        self.put("buyers", **shared, billing_name=f"Name {account_id}", country_code="DE")
        for month in (date(2026, 6, 1), MONTH, NEXT):
            self.put(
                "scope", **shared, billing_month=month, currency_code="EUR", subscription_count=1
            )

    def invoice(self, account_id: str, net: str, month: date = MONTH, **line: Any) -> None:
        """An invoice of one recurring line, plus 19 % tax."""
        amount = Decimal(net)
        tax = (amount * Decimal("0.19")).quantize(Decimal("0.01"))
        key = {"account_id": account_id, "billing_month": month, "currency_code": "EUR"}
        period = {"period_start_on": month, "period_end_on": _after(month)}
        self.put(
            "invoices", **key, **period, legal_entity_code="NORTH", bill_cycle_code="01",
            gross_amount=amount, discount_amount=0, net_amount=amount, tax_amount=tax,
            rounding_amount=0, total_amount=amount + tax,
        )  # fmt: skip
        given = {
            "expected_line_key": f"{account_id}|{month}|FEE",
            "line_no": 1,
            "line_type": "recurring",
            "charge_code": "FEE",
            "description": "Plan",
            "line_amount": amount,
            "tax_group_code": "T",
            "origin_month": month,
            "service_start_on": month,
            "service_end_on": _after(month),
        }
        self.put("lines", **key, **{**given, **line})
        self.put(
            "taxes", **key, tax_rate_id="V", tax_name="VAT", tax_group_code="T", tax_amount=tax,
            tax_category_code="S", rate_ratio=Decimal("0.19"), taxable_amount=amount,
        )  # fmt: skip

    def issued(self, account_id: str, total: str, month: date, number: str, **more: Any) -> None:
        """A document that was issued before."""
        given = {
            "invoice_number": number,
            "document_type": "invoice",
            "billing_month": month,
            "account_id": account_id,
            "bill_cycle_code": "01",
            "currency_code": "EUR",
            "total_amount": Decimal(total),
        }
        self.put("issued", **{**given, **more})

    def draft(self, home: Path, limits: GateLimits = LIMITS, **scope: Any) -> DraftSummary:
        """Freeze July, or what the scope says."""
        wanted = Scope(**{"billing_month": MONTH, **scope})
        summary = make_draft(self.connection.cursor(), home, wanted, limits)
        return place_draft(home, summary, 0)

    def points(self, home: Path, **scope: Any) -> list[tuple[Any, ...]]:
        """The gate's points of a draft."""
        summary = self.draft(home, **scope)
        with open_content(home, summary.bill_run_id) as content:
            return [
                (row["kind"], row["account_id"], row["before_amount"], row["amount"])
                for row in content.rows("points")
            ]


def table(home: Path, summary: DraftSummary, name: str) -> list[dict[str, Any]]:
    """One frozen table of a draft."""
    with open_content(home, summary.bill_run_id) as content:
        return _rows(content, name)


def _rows(content: DraftContent, name: str) -> list[dict[str, Any]]:
    return content.rows(name)


def _after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
