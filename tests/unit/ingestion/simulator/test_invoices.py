from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from tests.unit.ingestion.simulator.conftest import Operator, Rows

CENT = Decimal("0.01")


def invoices(operator: Operator) -> Rows:
    return operator.query(
        "SELECT * FROM '{landing}/invoices/*.parquet' WHERE status = 'issued' ORDER BY invoice_id"
    )


def lines(operator: Operator) -> Rows:
    return operator.query("SELECT * FROM '{landing}/invoice_lines/*.parquet'")


def planted(operator: Operator, category: str) -> dict[str, Decimal]:
    """Printed minus right, by invoice or line."""
    return {
        row["value_key"]: row["over_amount"] - row["under_amount"]
        for row in operator.answers("BIL-03")
        if row["category"] == category
    }


def by_invoice(rows: Rows) -> dict[str, Rows]:
    found: dict[str, Rows] = defaultdict(list)
    for row in rows:
        found[row["invoice_id"]].append(row)
    return found


def test_invoices_foot_but_for_the_planted_ones(operator: Operator) -> None:
    feet, taxes = planted(operator, "FOOT_DIFF"), planted(operator, "TAX_FOOT")
    assert feet
    assert taxes
    of = by_invoice(lines(operator))
    for bill in invoices(operator):
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for line in of[bill["invoice_id"]]:
            kind = line["line_type"]
            sums[kind if kind in ("tax", "rounding") else "net"] += line["line_amount"]
        key = bill["invoice_id"]
        assert bill["net_amount"] == sums["net"]
        assert bill["rounding_amount"] == sums["rounding"]
        assert bill["tax_amount"] == sums["tax"] + taxes.get(key, 0)
        total = bill["net_amount"] + bill["tax_amount"] + bill["rounding_amount"]
        assert bill["total_amount"] == total + feet.get(key, 0)


def test_tax_is_the_rounded_share_of_each_group(operator: Operator) -> None:
    rates = {row["tax_rate_id"]: row for row in operator.csv("catalogue/tax_rates.csv")}
    exempt = {
        row["account_id"] for row in operator.csv("crm/accounts.csv.gz")
        if row["is_tax_exempt"] == "true" or row["tax_jurisdiction_code"] == "AT"
    }  # fmt: skip
    misplaced = {row["value_key"] for row in operator.answers("BIL-08")
                 if row["category"] == "PLACE_WRONG"}  # fmt: skip
    for invoice_id, rows in by_invoice(lines(operator)).items():
        base: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            if row["line_type"] not in ("tax", "rounding"):
                base[row["tax_group_code"]] += row["line_amount"]
        taxes = {row["tax_group_code"]: row for row in rows if row["line_type"] == "tax"}
        is_free = rows[0]["account_id"] in exempt and invoice_id not in misplaced
        assert set(taxes) == (set() if is_free else set(base))
        for group, row in taxes.items():
            rate = Decimal(rates[row["tax_rate_id"]]["rate_ratio"])
            assert row["line_amount"] == (base[group] * rate).quantize(CENT, ROUND_HALF_UP)


def test_balances_carry_forward_but_for_the_planted_ones(operator: Operator) -> None:
    slips = planted(operator, "BALANCE_FWD_DIFF")
    assert slips
    closing: dict[str, Decimal] = {}
    paid = defaultdict(list)
    for row in operator.csv("payments/*.csv"):
        paid[row["account_id"]].append((row["received_on"], Decimal(row["payment_amount"])))
    last: dict[str, str] = {}
    every = operator.query("SELECT * FROM '{landing}/invoices/*.parquet' ORDER BY invoice_id")
    for bill in every:
        if bill["closing_balance_amount"] is None:  # a copy carries no balance
            continue
        account = bill["account_id"]
        carried = closing.get(account, Decimal(0)) + slips.get(bill["invoice_id"], 0)
        assert bill["previous_balance_amount"] == carried
        on = str(bill["invoiced_on"])
        received = [
            amount for day, amount in paid[account] if last.get(account, "") < day <= on
        ]  # fmt: skip
        assert bill["payment_amount"] == sum(received)
        closing[account] = carried - bill["payment_amount"] + bill["total_amount"]
        assert bill["closing_balance_amount"] == closing[account]
        last[account] = on


def test_lines_multiply_but_for_the_planted_ones(operator: Operator) -> None:
    wrong = planted(operator, "LINE_MATH")
    assert wrong
    for row in lines(operator):
        if row["quantity"] is not None and row["unit_price_amount"] is not None:
            product = row["quantity"] * row["unit_price_amount"]
            assert row["line_amount"] == product + wrong.get(row["invoice_line_id"], 0)


def test_usage_lines_are_the_rounded_sum_of_their_events(operator: Operator) -> None:
    charged: dict[str, Decimal] = defaultdict(Decimal)
    for row in operator.csv("rated_usage/*/*", ";"):
        if row["invoice_line_id"]:
            charged[row["invoice_line_id"]] += Decimal(row["charge_amount"])
    printed = {
        row["invoice_line_id"]: row["line_amount"]
        for row in lines(operator)
        if row["line_type"] == "usage" and not row["invoice_id"].endswith(("-1", "-2"))
    }
    assert printed == {key: amount.quantize(CENT, ROUND_HALF_UP) for key, amount in charged.items()}


def test_a_copied_invoice_has_the_lines_of_the_first(operator: Operator) -> None:
    of = by_invoice(lines(operator))
    copies = [key for key in of if key.endswith(("-1", "-2"))]
    credited = {row["invoice_id"] for row in operator.csv("billing/credit_notes.csv")}
    planted = {
        row["value_key"] for row in operator.answers("BIL-05") if row["category"] == "DUP_INVOICE"
    }
    assert set(copies) == credited | planted
    assert credited
    assert planted
    for key in copies:
        amounts, firsts = (
            sorted(line["line_amount"] for line in of[name]) for name in (key, key[:-2])
        )
        assert amounts == firsts


def test_staff_and_test_accounts_get_no_invoice(operator: Operator) -> None:
    kinds = {row["account_id"]: row["account_type"] for row in operator.csv("crm/accounts.csv.gz")}
    assert {"staff", "test"} < set(kinds.values())
    assert {kinds[row["account_id"]] for row in invoices(operator)} == {"consumer", "business"}


def test_run_before_the_first_month_bills_only_charges_in_advance(operator: Operator) -> None:
    early = [row for row in lines(operator) if row["invoice_line_id"].startswith("L2604")]
    assert {row["line_type"] for row in early} <= {"recurring", "discount", "tax"}
    assert {str(row["service_start_on"]) for row in early if row["line_type"] == "recurring"} == {
        "2026-05-01"
    }
