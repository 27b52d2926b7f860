"""The gate points at bills unlike those before, and at bills that are missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from .models import MONTH, Models

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


def history(models: Models, account_id: str, *totals: str) -> None:
    """Issued totals of the months before July, the newest last."""
    for back, total in enumerate(reversed(totals), start=1):
        month = date(2026, 7 - back, 1)
        models.issued(account_id, total, month, f"{account_id}-{month}")


def test_an_amount_unlike_the_median_of_its_own_history_is_a_point(tmp_path: Path) -> None:
    """Medians: A1 of 11.90, 11.90, 900.00 is 11.90; A2 of 20.00 and 30.00 is 25.00."""
    models = Models()
    for account_id, net in (("A1", "100.00"), ("A2", "20.00"), ("A3", "500.00")):
        models.account(account_id)
        models.invoice(account_id, net)
    history(models, "A1", "11.90", "900.00", "11.90")
    history(models, "A2", "20.00", "30.00")
    found = [one for one in models.points(tmp_path) if one[0] == "outlier"]
    assert found == [("outlier", "A1", Decimal("11.90"), Decimal("119.00"))]


def test_a_small_difference_is_no_outlier_however_large_its_share(tmp_path: Path) -> None:
    models = Models()
    models.account("A1")
    models.invoice("A1", "10.00")
    history(models, "A1", "1.90")
    assert "outlier" not in {one[0] for one in models.points(tmp_path)}
    models.connection.execute("update stg_tieout__issued_invoices set total_amount = 1.89")
    assert "outlier" in {one[0] for one in models.points(tmp_path)}


def test_credited_invoices_are_no_history(tmp_path: Path) -> None:
    models = Models()
    models.account("A1")
    models.invoice("A1", "100.00")
    history(models, "A1", "900.00")
    models.issued(
        "A1", "-900.00", JUNE, "C1", document_type="credit_note",
        corrects_invoice_number=f"A1-{JUNE}",
    )  # fmt: skip
    assert models.points(tmp_path) == []


def test_an_invoice_that_was_credited_in_part_is_history(tmp_path: Path) -> None:
    models = Models()
    models.account("A1")
    models.invoice("A1", "100.00")
    history(models, "A1", "900.00")
    note = {"document_type": "credit_note", "corrects_invoice_number": f"A1-{JUNE}"}
    models.issued("A1", "-5.00", JUNE, "C1", **note, is_part=True)
    assert "outlier" in {one[0] for one in models.points(tmp_path)}


def test_zero_and_negative_bills_and_accounts_left_out_are_points(tmp_path: Path) -> None:
    models = Models()
    for account_id, net in (("A1", "0.00"), ("A2", "-5.00"), ("A3", "10.00")):
        models.account(account_id)
        models.invoice(account_id, net)
    models.account("A4")
    assert [one[:2] for one in models.points(tmp_path)] == [
        ("left_out", "A4"),
        ("negative", "A2"),
        ("zero", "A1"),
    ]


def test_count_and_value_are_held_against_the_last_run(tmp_path: Path) -> None:
    """Ten invoices of 11.90 in June; in July nine of them: 10 % less is no point, 20 % is."""
    models = Models()
    for number in range(10):
        models.account(f"A{number}")
        history(models, f"A{number}", "11.90")
    for number in range(9):
        models.invoice(f"A{number}", "10.00")
    assert {one[0] for one in models.points(tmp_path)} == {"left_out"}
    models.connection.execute("delete from fct_expected_invoices where account_id = 'A8'")
    models.connection.execute("delete from fct_expected_taxes where account_id = 'A8'")
    found = [one for one in models.points(tmp_path) if one[0] in ("count", "value")]
    assert found == [
        ("count", "", Decimal(10), Decimal(8)),
        ("value", "", Decimal("119.00"), Decimal("95.20")),
    ]
    assert not [one for one in models.points(tmp_path, account_id="A1") if one[0] == "count"]


def test_bills_of_the_month_that_stand_count_with_the_run(tmp_path: Path) -> None:
    models = Models()
    for account_id in ("A1", "A2"):
        models.account(account_id)
        history(models, account_id, "11.90")
    models.invoice("A1", "10.00")
    models.issued("A2", "11.90", MONTH, "N1")
    assert models.points(tmp_path) == []
