"""What a document says in words: late usage, money charged too much, what is corrected."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from dagster_project.lib.billing.documents.model import InvoiceDocument, InvoiceLine
from dagster_project.lib.billing.documents.words import Words


def messages(document: InvoiceDocument, words: Words) -> list[str]:
    """The operator's own messages after those that follow from the lines.

    A late line below zero takes back what was charged too much for its month; one above zero is
    usage that came after that month's invoice.
    """
    told = []
    corrected = document.corrected_invoice
    if corrected:
        day = words.day(corrected.issued_on)
        told.append(words("message_credit_note", number=corrected.number, date=day))
        if corrected.reason:
            told.append(words("message_credit_reason", reason=corrected.reason))
    if not document.is_credit_note:
        for key, month, amount in _late_amounts(document):
            told.append(words(key, month=words.month(month), amount=words.price(amount)))
    return [*told, *document.messages]


def line_title(line: InvoiceLine, words: Words) -> str:
    """What a line is called; usage that has but its code says service and zone in words."""
    if line.description.strip() and line.description != line.charge_code:
        return line.description
    if line.service_code and words.has(f"service_{line.service_code}"):
        name = words(f"service_{line.service_code}")
        return f"{name}, {line.zone_code}" if line.zone_code else name
    return line.charge_code or line.discount_id or line.line_type


def line_note(document: InvoiceDocument, line: InvoiceLine, words: Words) -> str | None:
    """Of which earlier month a line is; None for a line of the month billed."""
    if not document.is_late(line) or line.origin_month is None:
        return None
    key = "corrected_line" if line.line_amount < 0 else "late_line"
    return words(key, month=words.month(line.origin_month))


def _late_amounts(document: InvoiceDocument) -> list[tuple[str, date, Decimal]]:
    sums: dict[tuple[str, date], Decimal] = {}
    for line in document.lines:
        if document.is_late(line) and line.origin_month is not None and line.line_amount:
            key = "message_overcharged" if line.line_amount < 0 else "message_late"
            at = (key, line.origin_month)
            sums[at] = sums.get(at, Decimal(0)) + abs(line.line_amount)
    return [(key, month, amount) for (key, month), amount in sorted(sums.items(), reverse=True)]
