"""Fills a document from the store: what was issued, turned into what the documents draw.

In the store a credit note is its invoice negated, so that sums net to zero; a document says in
words that it gives back, and its amounts are positive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dagster_project.lib.billing.documents import (
    CREDIT_NOTE,
    CorrectedInvoice,
    InvoiceDocument,
    InvoiceLine,
    Party,
    TaxSubtotal,
    UsageRecord,
)

Row = Mapping[str, Any]
ZERO = Decimal(0)
_ADDRESS = ("street_address", "city_name", "postal_code", "country_code", "tax_id")
_SELLER = ("registration_id", "iban", "bic", "creditor_id")
_LINE = (
    "unit_code",
    "unit_price_amount",
    "tax_group_code",
    "charge_code",
    "service_code",
    "zone_code",
    "subscription_id",
    "product_offering_id",
    "discount_id",
    "service_start_on",
    "service_end_on",
    "origin_month",
    "event_count",
)


def fill(
    invoice: Row,
    lines: Sequence[Row],
    taxes: Sequence[Row],
    *,
    corrected_on: date | None = None,
    usage: Sequence[UsageRecord] = (),
    seller_name: str = "",
) -> InvoiceDocument:
    """One issued document.

    Args: invoice, lines, taxes: as the store reads them; corrected_on: date of the invoice that a
        credit note takes back; seller_name: of the operator, where it delivers no legal entities.
    """
    sign = -1 if invoice["document_type"] == CREDIT_NOTE else 1
    buyer, seller = _parties(invoice, seller_name)
    said = invoice["parties"].get("buyer") or {}
    number = invoice["corrects_invoice_number"]
    corrected = None
    if number and corrected_on:
        corrected = CorrectedInvoice(number, corrected_on, invoice["reason"] or None)
    return InvoiceDocument(
        number=invoice["invoice_number"],
        issued_on=invoice["issued_on"],
        seller=seller,
        buyer=buyer,
        currency_code=invoice["currency_code"],
        lines=tuple(_line(line, sign) for line in lines),
        taxes=tuple(_tax(tax, sign) for tax in taxes),
        net_amount=sign * invoice["net_amount"],
        tax_amount=sign * invoice["tax_amount"],
        total_amount=sign * invoice["total_amount"],
        rounding_amount=sign * invoice["rounding_amount"],
        prepaid_amount=invoice["prepaid_amount"] if sign > 0 else ZERO,
        document_type=invoice["document_type"],
        account_id=invoice["account_id"],
        billing_month=invoice["billing_month"],
        period_start_on=invoice["period_start_on"],
        period_end_on=invoice["period_end_on"],
        due_on=invoice["due_on"],
        payment_terms=(invoice["parties"].get("seller") or {}).get("payment_terms"),
        # what is given back is not collected
        direct_debit_mandate_id=said.get("direct_debit_mandate_id") if sign > 0 else None,
        buyer_reference=said.get("buyer_reference"),
        language_code=said.get("language_code") or "en",
        bill_cycle_code=invoice["bill_cycle_code"] or None,
        corrected_invoice=corrected,
        usage=tuple(usage),
    )


def usage_of(events: Sequence[Row], time_zone: str) -> list[UsageRecord]:
    """The events behind an invoice, in the operator's local time."""
    zone = ZoneInfo(time_zone)
    return [
        UsageRecord(
            line_key=event["expected_line_key"],
            started_at=event["started_at"]
            .replace(tzinfo=UTC)
            .astimezone(zone)
            .replace(tzinfo=None),
            service_code=event["service_code"] or "",
            quantity=event["quantity"],
            unit_code=event["unit_code"] or "",
            charge_amount=event["charge_amount"] or Decimal(0),
            included_quantity=event["free_quantity"] or Decimal(0),
            other_party_number=event["other_party_number"],
            zone_code=event["zone_code"],
            time_band_code=event["time_band_code"],
            subscription_label=event["service_id"],
        )
        for event in events
    ]


def _parties(invoice: Row, seller_name: str) -> tuple[Party, Party]:
    """Buyer and seller, as they were when the draft was made."""
    buyer = invoice["parties"].get("buyer") or {}
    seller = invoice["parties"].get("seller") or {}
    return (
        Party(
            party_id=invoice["account_id"],
            name=buyer.get("billing_name") or invoice["account_id"],
            **{name: buyer.get(name) for name in (*_ADDRESS, "iban")},
        ),
        Party(
            party_id=invoice["legal_entity_code"],
            name=seller.get("legal_name") or seller_name or invoice["legal_entity_code"],
            **{name: seller.get(name) for name in (*_ADDRESS, *_SELLER)},
        ),
    )


def _line(line: Row, sign: int) -> InvoiceLine:
    quantity = line["quantity"]
    return InvoiceLine(
        line_no=line["line_no"],
        line_type=line["line_type"],
        description=line["description"] or line["charge_code"] or line["line_type"],
        line_amount=sign * line["line_amount"],
        line_key=line["expected_line_key"],
        quantity=None if quantity is None else sign * quantity,
        subscription_label=line["service_id"],
        **{name: line[name] for name in _LINE},
    )


def _tax(tax: Row, sign: int) -> TaxSubtotal:
    return TaxSubtotal(
        tax_name=tax["tax_name"] or "",
        tax_category_code=tax["tax_category_code"] or "S",
        rate_ratio=tax["rate_ratio"],
        taxable_amount=sign * tax["taxable_amount"],
        tax_amount=sign * tax["tax_amount"],
        tax_group_code=tax["tax_group_code"] or "*",
        exemption_reason=tax["exemption_reason"],
        jurisdiction_code=tax["jurisdiction_code"],
    )
