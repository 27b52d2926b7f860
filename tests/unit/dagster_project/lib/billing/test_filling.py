"""A document says what the store holds; a credit note says it positively."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from dagster_project.lib.billing.documents import render
from dagster_project.lib.billing.filling import fill, usage_of

INVOICE: dict[str, Any] = {
    "invoice_number": "N-1",
    "document_type": "invoice",
    "corrects_invoice_number": None,
    "legal_entity_code": "N",
    "account_id": "A1",
    "billing_month": date(2026, 7, 1),
    "bill_cycle_code": "",
    "currency_code": "EUR",
    "period_start_on": date(2026, 7, 1),
    "period_end_on": date(2026, 8, 1),
    "issued_on": date(2026, 8, 3),
    "due_on": date(2026, 8, 17),
    "net_amount": Decimal(10),
    "tax_amount": Decimal("1.90"),
    "rounding_amount": Decimal(0),
    "total_amount": Decimal("11.90"),
    "prepaid_amount": Decimal("1.90"),
    "reason": "",
    "parties": {
        "seller": {
            "legal_name": "North",
            "city_name": "Kiel",
            "country_code": "DE",
            "tax_id": "DE1",
        },
        "buyer": {"billing_name": "Anna", "city_name": "Bonn", "country_code": "DE"},
    },
}
LINE: dict[str, Any] = {
    "line_no": 1,
    "line_type": "usage",
    "description": "",
    "charge_code": "USAGE_VOICE",
    "expected_line_key": "K",
    "line_amount": Decimal(10),
    "quantity": Decimal(600),
    "service_id": "4917",
    "unit_code": "second",
    "origin_month": date(2026, 7, 1),
    **dict.fromkeys(
        (
            "unit_price_amount", "service_code", "zone_code", "subscription_id", "discount_id",
            "product_offering_id", "service_start_on", "service_end_on", "event_count",
        )
    ),
    "tax_group_code": "T",
}  # fmt: skip
TAX: dict[str, Any] = {
    "tax_name": "VAT",
    "tax_category_code": "S",
    "rate_ratio": Decimal("0.19"),
    "taxable_amount": Decimal(10),
    "tax_amount": Decimal("1.90"),
    "tax_group_code": "T",
    "exemption_reason": None,
    "jurisdiction_code": None,
}


def negated(row: dict[str, Any], **more: Any) -> dict[str, Any]:
    names = [name for name in row if name.endswith("_amount") and row[name] is not None]
    return {**row, **{name: -row[name] for name in names}, **more}


def test_an_invoice_is_filled_from_the_store() -> None:
    document = fill(INVOICE, [LINE], [TAX])
    assert (document.seller.name, document.buyer.name) == ("North", "Anna")
    [line] = document.lines
    assert (line.description, line.subscription_label) == ("USAGE_VOICE", "4917")
    assert document.total_amount == Decimal("11.90")
    assert document.due_amount == Decimal("10.00")
    assert b"<cbc:PayableAmount" in render(document, "ubl")


def test_a_credit_note_gives_back_positive_amounts() -> None:
    credit = negated(
        INVOICE, document_type="credit_note", corrects_invoice_number="N-1",
        invoice_number="N-2", reason="wrong", due_on=None,
    )  # fmt: skip
    line = negated(LINE, quantity=Decimal(-600))
    document = fill(credit, [line], [negated(TAX)], corrected_on=date(2026, 8, 3))
    assert (document.net_amount, document.total_amount) == (Decimal(10), Decimal("11.90"))
    assert (document.lines[0].line_amount, document.lines[0].quantity) == (
        Decimal(10),
        Decimal(600),
    )
    assert document.taxes[0].taxable_amount == 10
    assert document.corrected_invoice and document.corrected_invoice.reason == "wrong"
    assert b"<CreditNote" in render(document, "ubl")


def test_payment_is_filled_from_the_parties() -> None:
    parties = INVOICE["parties"]
    seller = {"iban": "DE1", "payment_terms": "3 % off in 7 days.", "creditor_id": "DE98ZZZ"}
    buyer = {"direct_debit_mandate_id": "M-1", "iban": "DE2", "buyer_reference": "PO 7"}
    rich = {"seller": parties["seller"] | seller, "buyer": parties["buyer"] | buyer}
    document = fill({**INVOICE, "parties": rich}, [LINE], [TAX])
    assert (document.payment_terms, document.buyer_reference) == ("3 % off in 7 days.", "PO 7")
    assert document.direct_debit_mandate_id == "M-1"
    assert (document.buyer.iban, document.seller.creditor_id) == ("DE2", "DE98ZZZ")
    # a credit note collects nothing
    credit = negated(INVOICE, document_type="credit_note", parties=rich)
    assert fill(credit, [LINE], [TAX]).direct_debit_mandate_id is None


def test_without_legal_entities_the_operator_sells() -> None:
    bare = {**INVOICE, "parties": {"buyer": {}}, "legal_entity_code": ""}
    document = fill(bare, [LINE], [TAX], seller_name="Test Telecom")
    assert (document.seller.name, document.buyer.name) == ("Test Telecom", "A1")


def test_usage_is_told_in_local_time() -> None:
    event = {
        "expected_line_key": "K",
        "started_at": datetime(2026, 7, 31, 22, 30, tzinfo=UTC).replace(tzinfo=None),
        "service_code": "voice",
        "quantity": Decimal(60),
        "unit_code": "second",
        "charge_amount": Decimal("0.1"),
        "free_quantity": None,
        "other_party_number": "49301",
        "zone_code": None,
        "time_band_code": None,
        "service_id": "4917",
    }
    [record] = usage_of([event], "Europe/Berlin")
    assert str(record.started_at) == "2026-08-01 00:30:00"
    assert (record.included_quantity, record.subscription_label) == (Decimal(0), "4917")
