"""What a draft freezes, whom it leaves out, and that nobody can change it unseen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dagster_project.lib.billing.content import open_content
from dagster_project.lib.billing.draft import FOLDER, verify_draft
from dagster_project.lib.billing.interface import VIEWS
from dagster_project.lib.errors import DataError

from .models import MONTH, NEXT, Models, table


@pytest.fixture
def models() -> Models:
    """Accounts A1 and A2 with an invoice each, and A3 without."""
    models = Models()
    for account_id in ("A1", "A2", "A3"):
        models.account(account_id)
    models.invoice("A1", "10.00")
    models.invoice("A2", "20.00")
    models.connection.execute(
        "update fct_expected_invoices set credit_note_amount = 1, prepaid_amount = 2"
        " where account_id = 'A2'"
    )
    return models


def accounts(models: Models, home: Path, **scope: Any) -> list[str]:
    summary = models.draft(home, **scope)
    return [row["account_id"] for row in table(home, summary, "invoices")]


def test_the_same_models_give_the_same_draft_byte_by_byte(models: Models, tmp_path: Path) -> None:
    first, again = models.draft(tmp_path / "a"), models.draft(tmp_path / "b")
    assert first == again and first.bill_run_id.startswith("2026-07-")
    for name in first.tables:
        paths = [tmp_path / home / FOLDER / first.bill_run_id / f"{name}.parquet" for home in "ab"]
        assert paths[0].read_bytes() == paths[1].read_bytes()
    models.invoice("A3", "30.00")
    assert models.draft(tmp_path / "a").bill_run_id != first.bill_run_id


def test_a_run_may_be_narrowed_to_a_cycle_or_an_account(models: Models, tmp_path: Path) -> None:
    models.account("A4", cycle="15")
    models.invoice("A4", "40.00")
    assert accounts(models, tmp_path) == ["A1", "A2", "A4"]
    assert accounts(models, tmp_path, bill_cycle_code="15") == ["A4"]
    assert accounts(models, tmp_path, account_id="A2") == ["A2"]


def test_what_is_issued_is_not_drafted_again_unless_it_was_credited(
    models: Models, tmp_path: Path
) -> None:
    models.issued("A1", "11.90", MONTH, "N1")
    summary = models.draft(tmp_path)
    assert summary.live_count == 1
    assert [row["account_id"] for row in table(tmp_path, summary, "invoices")] == ["A2"]
    models.issued(
        "A1", "-11.90", MONTH, "N2", document_type="credit_note", corrects_invoice_number="N1"
    )
    [first, _] = table(tmp_path, models.draft(tmp_path), "invoices")
    assert (first["account_id"], first["correction_no"], first["document_count"]) == ("A1", 1, 2)


def test_an_invoice_stands_until_the_last_part_of_it_is_credited(
    models: Models, tmp_path: Path
) -> None:
    models.issued("A1", "11.90", MONTH, "N1", is_part=False)
    note = {"document_type": "credit_note", "corrects_invoice_number": "N1"}
    models.issued("A1", "-5.95", MONTH, "N2", **note, is_part=True)
    assert accounts(models, tmp_path) == ["A2"]
    models.issued("A1", "-5.95", MONTH, "N3", **note, is_part=False)
    [first, _] = table(tmp_path, models.draft(tmp_path), "invoices")
    assert (first["account_id"], first["correction_no"], first["document_count"]) == ("A1", 1, 3)


def test_what_a_later_bill_holds_as_late_is_not_billed_again(
    models: Models, tmp_path: Path
) -> None:
    late = {"billing_month": NEXT, "origin_month": MONTH, "account_id": "A1"}
    models.put("issued_lines", **late, currency_code="EUR", line_amount=Decimal(10))
    summary = models.draft(tmp_path)
    assert [row["account_id"] for row in table(tmp_path, summary, "invoices")] == ["A2"]
    left = {row["account_id"]: row["reason_code"] for row in table(tmp_path, summary, "left_out")}
    assert left == {"A1": "BILLED_LATE", "A3": "NO_INVOICE"}
    models.put("issued_lines", **late, currency_code="EUR", line_amount=Decimal(-10))
    assert accounts(models, tmp_path) == ["A1", "A2"]


def test_held_charges_are_named_and_the_rest_is_billed(models: Models, tmp_path: Path) -> None:
    models.put(
        "held", held_charge_key="H1", billing_month=MONTH, account_id="A3", reason_code="NO_PRICE",
        reason="plan P9 has no price", estimated_amount=Decimal("7.50"), currency_code="EUR",
    )  # fmt: skip
    summary = models.draft(tmp_path)
    assert (summary.invoice_count, summary.held_count) == (2, 1)
    [left] = table(tmp_path, summary, "left_out")
    assert (left["account_id"], left["reason_code"]) == ("A3", "HELD")
    assert (left["reason"], left["estimated_amount"]) == ("plan P9 has no price", Decimal("7.50"))


def test_an_invoice_of_nobody_is_left_out_with_its_value(models: Models, tmp_path: Path) -> None:
    models.invoice("GHOST", "5.00")
    summary = models.draft(tmp_path)
    assert summary.invoice_count == 2
    left = {row["account_id"]: row["reason_code"] for row in table(tmp_path, summary, "left_out")}
    assert left["GHOST"] == "UNKNOWN_ACCOUNT"


def test_an_invoice_that_does_not_add_up_is_refused(models: Models, tmp_path: Path) -> None:
    models.put(
        "lines", expected_line_key="X", billing_month=MONTH, account_id="A1", currency_code="EUR",
        line_type="usage", line_amount=Decimal("0.01"),
    )  # fmt: skip
    with pytest.raises(DataError, match="its lines do not add up to its net amount") as raised:
        models.draft(tmp_path)
    assert raised.value.where == "1 accounts: A1"
    assert not (tmp_path / FOLDER).exists()


def test_two_sellers_may_not_print_the_same_numbers(models: Models, tmp_path: Path) -> None:
    pattern = {"invoice_number_pattern": "R{year}-{number:05}"}
    models.put("sellers", legal_entity_code="EAST", **pattern)
    models.put("sellers", legal_entity_code="WEST", **pattern)
    for name in ("EAST", "WEST"):
        models.account(name)
        models.invoice(name, "1.00")
        models.connection.execute(
            "update fct_expected_invoices set legal_entity_code = ? where account_id = ?",
            [name, name],
        )
    with pytest.raises(DataError, match="would print the same numbers"):
        models.draft(tmp_path)


def test_documents_come_in_pieces_with_lines_taxes_and_parties(
    models: Models, tmp_path: Path
) -> None:
    summary = models.draft(tmp_path)
    with open_content(tmp_path, summary.bill_run_id) as content:
        assert len(content.documents(0, 9)) == 2
        [second] = content.documents(1, 1)
        assert content.documents(2, 5) == []
        [total] = content.totals()
    assert second.invoice["account_id"] == "A2" and second.invoice["total_micros"] == 23_800_000
    assert second.invoice["prepaid_micros"] == 3_000_000
    assert second.lines[0]["line_micros"] == 20_000_000
    assert second.taxes[0]["rate_nanos"] == 190_000_000
    assert second.invoice["parties"]["buyer"]["billing_name"] == "Name A2"
    assert second.invoice["parties"]["seller"]["payment_term_days"] == 14
    assert (total["invoice_count"], total["total_amount"]) == (2, Decimal("35.70"))


def test_a_changed_draft_is_noticed(models: Models, tmp_path: Path) -> None:
    summary = models.draft(tmp_path)
    verify_draft(tmp_path, summary.bill_run_id, summary.content_hash)
    path = tmp_path / FOLDER / summary.bill_run_id / "lines.parquet"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(DataError, match="this is not what was drafted") as raised:
        verify_draft(tmp_path, summary.bill_run_id, summary.content_hash)
    assert raised.value.where.endswith(": lines")
    with pytest.raises(DataError, match="is not here"):
        verify_draft(tmp_path / "elsewhere", summary.bill_run_id, summary.content_hash)


def test_a_missing_model_is_named(models: Models, tmp_path: Path) -> None:
    models.connection.execute("drop table fct_held_charges")
    with pytest.raises(DataError, match="the model fct_held_charges was not built"):
        models.draft(tmp_path)


def test_deferred_revenue_is_the_share_of_days_behind_the_period(tmp_path: Path) -> None:
    """100.00 for 1 July to 30 September, 92 days: 61 of them are after July, 66.30 is deferred."""
    models = Models()
    models.account("A1")
    models.put("prices", price_rule_id="P1", gl_account_id="4000")
    models.invoice("A1", "100.00", service_end_on=date(2026, 10, 1), price_rule_id="P1")
    rows = table(tmp_path, models.draft(tmp_path), "journal")
    entries = {row["entry_type"]: (row["debit_amount"], row["credit_amount"]) for row in rows}
    assert entries == {
        "receivable": (Decimal("119.00"), 0),
        "revenue": (0, Decimal("33.70")),
        "deferred_revenue": (0, Decimal("66.30")),
        "tax_payable": (0, Decimal("19.00")),
    }
    assert {row["gl_account_id"] for row in rows if "revenue" in row["entry_type"]} == {"4000"}


def test_deferred_revenue_is_rounded_half_up_away_from_zero(tmp_path: Path) -> None:
    """Two of three days lie in August: of 10.00 6.67 is deferred, of -10.00 -6.67."""
    for net, deferred in (("10.00", "6.67"), ("-10.00", "-6.67")):
        models = Models()
        models.account("A1")
        days = {"service_start_on": date(2026, 7, 31), "service_end_on": date(2026, 8, 3)}
        models.invoice("A1", net, **days)
        rows = table(tmp_path / net, models.draft(tmp_path / net), "journal")
        found = [
            row["credit_amount"] - row["debit_amount"]
            for row in rows
            if row["entry_type"] == "deferred_revenue"
        ]
        assert found == [Decimal(deferred)]


@pytest.mark.parametrize(
    ("currency", "net", "deferred"), [("JPY", "10000", "6630"), ("KWD", "100.000", "66.304")]
)
def test_deferred_revenue_is_rounded_to_the_minor_unit_of_its_currency(
    currency: str, net: str, deferred: str, tmp_path: Path
) -> None:
    """61 of 92 days: 66.3043... of a hundred, in yen without decimals, in dinars with three."""
    models = Models()
    models.account("A1")
    models.invoice("A1", net, service_end_on=date(2026, 10, 1))
    for _, (model, columns) in VIEWS.items():
        if "currency_code" in columns:
            models.connection.execute(f"update {model} set currency_code = ?", [currency])
    rows = table(tmp_path, models.draft(tmp_path), "journal")
    credits = {row["entry_type"]: row["credit_amount"] for row in rows}
    assert credits["deferred_revenue"] == Decimal(deferred)
    assert credits["revenue"] == Decimal(net) - Decimal(deferred)
