"""The bill as JSON in the shape of TM Forum's TMF678 (customer bill management, v4).

The document is a CustomerBill; its lines ride along as AppliedCustomerBillingRate resources in the
property of that name, for v4 keeps them apart and a reader wants one file. Amounts are written with
the digits they have, never through a binary fraction.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from dagster_project.lib.billing.documents.messages import line_note, line_title
from dagster_project.lib.billing.documents.model import InvoiceDocument, InvoiceLine, Party
from dagster_project.lib.billing.documents.words import Words
from dagster_project.lib.money import minor_units

_RATE_TYPES = {
    "recurring": "recurringCharge",
    "usage": "usageCharge",
    "one_off": "oneTimeCharge",
    "minimum": "recurringCharge",
    "discount": "discountCredit",
}


def render_tmf678(document: InvoiceDocument, words: Words) -> bytes:
    """The document as UTF-8 JSON."""
    return (_dump(_bill(document, words), "\n") + "\n").encode("utf-8")


def _bill(document: InvoiceDocument, words: Words) -> dict[str, Any]:
    bill = {
        "id": document.number,
        "billNo": document.number,
        "billDate": _moment(document.issued_on),
        "category": "creditNote" if document.is_credit_note else "normal",
        "runType": "offCycle" if document.is_credit_note else "onCycle",
        "state": "sent",
        "paymentDueDate": document.due_on and _moment(document.due_on),
        "billingPeriod": _period(document.period_start_on, document.period_end_on),
        "billingAccount": _reference(
            document.account_id or document.buyer.party_id, document.buyer.name, "BillingAccount"
        ),
        "relatedParty": [
            _related(document.seller, "issuer"),
            _related(document.buyer, "payer"),
        ],
        "taxExcludedAmount": _money(document, document.net_amount),
        "taxIncludedAmount": _money(document, document.net_amount + document.tax_amount),
        "amountDue": _money(document, document.due_amount),
        "remainingAmount": _money(document, document.due_amount),
        "appliedPayment": _payments(document),
        "paymentMethod": _method(document),
        "taxItem": [
            {
                "taxCategory": tax.tax_name,
                "taxRate": tax.rate_ratio,
                "taxAmount": _money(document, tax.tax_amount),
                "@type": "TaxItem",
            }
            for tax in document.taxes
        ],
        "appliedCustomerBillingRate": [_rate(document, line, words) for line in document.lines],
        "@type": "CustomerBill",
    }
    if document.corrected_invoice:
        bill["correctedBill"] = {
            "id": document.corrected_invoice.number,
            "@referredType": "CustomerBill",
        }
    return bill


def _rate(document: InvoiceDocument, line: InvoiceLine, words: Words) -> dict[str, Any]:
    characteristics = {
        "quantity": line.quantity,
        "unit": line.unit_code,
        "unitPrice": line.unit_price_amount,
        "service": line.service_code,
        "zone": line.zone_code,
        "events": line.event_count,
        "originMonth": line.origin_month and f"{line.origin_month:%Y-%m}",
        "note": line_note(document, line, words),
    }
    kind = "appliedBillingCredit" if line.line_amount < 0 else "appliedBillingCharge"
    return {
        "id": f"{document.number}-{line.line_no}",
        "name": line.charge_code or line.discount_id or line.line_type,
        "description": line_title(line, words),
        "type": kind,
        "appliedBillingRateType": _RATE_TYPES.get(line.line_type, line.line_type),
        "isBilled": True,
        "date": _moment(document.issued_on),
        "bill": {"id": document.number, "@referredType": "CustomerBill"},
        "billingAccount": _reference(
            document.account_id or document.buyer.party_id, document.buyer.name, "BillingAccount"
        ),
        "product": line.subscription_id
        and _reference(line.subscription_id, line.subscription_label, "Product"),
        "periodCoverage": _period(line.service_start_on, line.service_end_on),
        "taxExcludedAmount": _money(document, line.line_amount),
        "appliedTax": [
            {
                "taxCategory": line.tax_group_code or tax.tax_name,
                "taxRate": tax.rate_ratio,
                "@type": "AppliedBillingTaxRate",
            }
            for tax in document.taxes_of(line)
        ],
        "characteristic": [
            {"name": name, "value": value}
            for name, value in characteristics.items()
            if value not in (None, "")
        ],
        "@type": "AppliedCustomerBillingRate",
    }


def _payments(document: InvoiceDocument) -> list[dict[str, Any]]:
    if not document.prepaid_amount:
        return []
    paid = _money(document, document.prepaid_amount)
    return [{"appliedAmount": paid, "@type": "AppliedPayment"}]


def _method(document: InvoiceDocument) -> dict[str, Any] | None:
    """How the invoice is paid; None where nothing says so."""
    if document.is_credit_note:
        return None
    if mandate := document.direct_debit_mandate_id:
        return _reference(mandate, "direct debit", "BankAccountDebit")
    if iban := document.seller.iban:
        return _reference(iban.replace(" ", ""), "bank transfer", "BankAccountTransfer")
    return None


def _money(document: InvoiceDocument, amount: Decimal) -> dict[str, Any]:
    """The value with the decimals of its currency, or more where it has more."""
    text = f"{amount.normalize():f}"
    least = minor_units(document.currency_code)
    missing = least - len(text.partition(".")[2])
    return {
        "unit": document.currency_code,
        "value": amount.quantize(Decimal(1).scaleb(-least)) if missing > 0 else Decimal(text),
    }


def _reference(identity: str, name: str | None, kind: str) -> dict[str, Any]:
    return {"id": identity, "name": name, "@referredType": kind}


def _related(party: Party, role: str) -> dict[str, Any]:
    return {"id": party.party_id, "name": party.name, "role": role, "@referredType": "Organization"}


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _period(start_on: date | None, end_on: date | None) -> dict[str, Any] | None:
    """From the first second of the first day to the last second of the last."""
    if not start_on:
        return None
    last = max(start_on, end_on - timedelta(days=1)) if end_on else start_on
    return {"startDateTime": _moment(start_on), "endDateTime": f"{last.isoformat()}T23:59:59Z"}


def _dump(value: Any, margin: str) -> str:
    """JSON with decimals as they are; the json module knows only binary fractions."""
    if isinstance(value, dict):
        inner = margin + "  "
        parts = [
            f"{inner}{encode_basestring(key)}: {_dump(one, inner)}"
            for key, one in value.items()
            if one is not None
        ]
        return "{" + ",".join(parts) + margin + "}" if parts else "{}"
    if isinstance(value, list):
        inner = margin + "  "
        parts = [inner + _dump(one, inner) for one in value]
        return "[" + ",".join(parts) + margin + "]" if parts else "[]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int):
        return str(value)
    return str(encode_basestring(value))
