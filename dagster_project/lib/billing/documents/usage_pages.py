"""The usage detail: every event, by the line that charges it, with totals that tie to page 1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from dagster_project.lib.billing.documents.messages import line_title
from dagster_project.lib.billing.documents.model import InvoiceDocument, InvoiceLine, UsageRecord
from dagster_project.lib.billing.documents.quantities import show_quantity
from dagster_project.lib.billing.documents.words import Words
from dagster_project.lib.money import minor_units

_SERVICES = ("voice", "sms", "data")
_HIDDEN_DIGITS = 3
_ZERO = Decimal(0)


def usage_pages(document: InvoiceDocument, words: Words) -> dict[str, Any] | None:
    """Usage by service, then the events of each line; None for a document without events."""
    if not document.usage:
        return None
    by_line: dict[str, list[UsageRecord]] = {}
    for record in document.usage:
        by_line.setdefault(record.line_key, []).append(record)
    lines = [line for line in document.lines if line.line_key in by_line]
    charged = {line.line_key for line in lines}
    without = [one for one in document.usage if one.line_key not in charged]
    heads = ("date", "time", "other_party", "zone", "quantity", "included", "charge")
    return {
        "title": words("usage_title"),
        "heads": [words(head) for head in heads],
        "services": _services(lines, by_line, words),
        "lines": [
            *(_line(document, line, by_line[line.line_key], words) for line in lines),
            *_without_line(document, without, words),
        ],
    }


def _services(
    lines: Sequence[InvoiceLine], by_line: dict[str, list[UsageRecord]], words: Words
) -> dict[str, Any]:
    """One row a service and unit: what was used, what an allowance paid, what is on page 1."""
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for line in lines:
        records = by_line[line.line_key]
        first = records[0]
        row = sums.setdefault((first.service_code, first.unit_code), [_ZERO] * 4)
        row[0] += len(records)
        row[1] += sum((one.quantity for one in records), _ZERO)
        row[2] += sum((one.included_quantity for one in records), _ZERO)
        row[3] += line.line_amount
    rows = [
        [
            service_name(service, words),
            words.number(events),
            show_quantity(quantity, unit, words, is_alone=True),
            show_quantity(included, unit, words, is_alone=True) if included else "",
            words.amount(amount),
        ]
        for (service, unit), (events, quantity, included, amount) in sums.items()
    ]
    heads = ("service", "events", "quantity", "included", "amount")
    total = sum((row[3] for row in sums.values()), _ZERO)
    return {
        "title": words("usage_summary"),
        "heads": [words(head) for head in heads],
        "rows": rows,
        "total": [words("total"), "", "", "", words.amount(total)],
    }


def service_name(service_code: str, words: Words) -> str:
    """What a reader calls the service."""
    if service_code in _SERVICES:
        return words(f"service_{service_code}")
    return service_code or words("service_other")


def _line(
    document: InvoiceDocument, line: InvoiceLine, records: list[UsageRecord], words: Words
) -> dict[str, Any]:
    label = line.subscription_label
    title = words("line_heading", line=str(line.line_no), description=line_title(line, words))
    in_order = sorted(records, key=lambda one: (one.started_at, one.other_party_number or ""))
    decimals = _decimals(records, words)
    return {
        "title": f"{title} · {label}" if label else title,
        "rows": [_row(document, one, decimals, words) for one in in_order],
        "totals": _totals(line, records, decimals, words),
    }


def _without_line(
    document: InvoiceDocument, records: list[UsageRecord], words: Words
) -> list[dict[str, Any]]:
    """Events that no line charges, such as calls that a plan includes: shown, by service."""
    found = []
    for service, unit in sorted({(one.service_code, one.unit_code) for one in records}):
        chosen = [one for one in records if (one.service_code, one.unit_code) == (service, unit)]
        in_order = sorted(chosen, key=lambda one: (one.started_at, one.other_party_number or ""))
        decimals = _decimals(chosen, words)
        title = words("no_line_heading", service=service_name(service, words))
        rows = [_row(document, one, decimals, words) for one in in_order]
        total = _rated(chosen, decimals, words)
        found.append({"title": title, "rows": rows, "totals": [total]})
    return found


def _row(document: InvoiceDocument, record: UsageRecord, decimals: int, words: Words) -> list[str]:
    included = record.included_quantity
    return [
        words.short_day(record.started_at.date()),
        words.clock(record.started_at),
        _other_party(record.other_party_number, document.masks_other_party),
        record.zone_code or "",
        show_quantity(record.quantity, record.unit_code, words),
        show_quantity(included, record.unit_code, words) if included else "",
        words.number(record.charge_amount, decimals),
    ]


def _totals(
    line: InvoiceLine, records: list[UsageRecord], decimals: int, words: Words
) -> list[list[str]]:
    """Events as rated, what lies between them and the line, the line as on page 1."""
    rated = sum((one.charge_amount for one in records), _ZERO)
    before_discount = line.line_amount + sum((one.amount for one in line.allowances), _ZERO)
    gap = before_discount - rated
    rows = [_rated(records, decimals, words)]
    if gap:
        half = Decimal(5).scaleb(-minor_units(words.currency_code) - 1)
        key = "difference_rounding" if abs(gap) <= half else "difference_month"
        rows.append([words(key), "", "", words.number(gap, decimals)])
    for one in line.allowances:
        rows.append([words("line_discount", reason=one.reason), "", "", words.amount(-one.amount)])
    last = words("line_total", line=str(line.line_no))
    return [*rows, [last, "", "", words.amount(line.line_amount)]]


def _rated(records: list[UsageRecord], decimals: int, words: Words) -> list[str]:
    unit = records[0].unit_code
    quantity = show_quantity(sum((one.quantity for one in records), _ZERO), unit, words)
    free = sum((one.included_quantity for one in records), _ZERO)
    included = show_quantity(free, unit, words) if free else ""
    rated = sum((one.charge_amount for one in records), _ZERO)
    return [words("rated_total"), quantity, included, words.number(rated, decimals)]


def _decimals(records: Iterable[UsageRecord], words: Words) -> int:
    """As many decimals as the finest charge of the line has: columns stay aligned."""
    least = minor_units(words.currency_code)
    for record in records:
        text = f"{record.charge_amount:f}".partition(".")[2].rstrip("0")
        least = max(least, len(text))
    return min(least, 6)


def _other_party(number: str | None, is_masked: bool) -> str:
    """Whom the event went to; the last digits hidden unless the customer asked for them."""
    if not number or not is_masked:
        return number or ""
    kept = max(len(number) - _HIDDEN_DIGITS, 0)
    return number[:kept] + "x" * (len(number) - kept)
