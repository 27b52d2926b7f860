"""Documents that the tests and the benchmark draw: one of each kind that a bill run can issue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from dagster_project.lib.billing.documents import (
    CREDIT_NOTE,
    CorrectedInvoice,
    InvoiceDocument,
    InvoiceLine,
    LineAllowance,
    Party,
    Payment,
    TaxSubtotal,
    UsageRecord,
)

JULY, MAY = date(2026, 7, 1), date(2026, 5, 1)
SELLER = Party(
    "NORD",
    "Nordlicht Telekom GmbH",
    "Speicherstadt 12",
    "Hamburg",
    "20457",
    "DE",
    tax_id="DE123456788",
    registration_id="HRB 104711, Hamburg",
    email="billing@nordlicht.example",
    phone="+49 40 555 0100",
    website="nordlicht.example",
    iban="DE02120300000000202051",
    bic="BYLADEM1001",
)
BUYER = Party("A-10042", "Erika Mustermann", "Lange Reihe 7", "Hamburg", "20099", "DE")
STANDARD = ("VAT", "S", "0.19", None)
REDUCED = ("VAT reduced", "S", "0.07", None)
EXEMPT = ("Tax free", "E", "0", "Exempt: universal postal service, art. 132 (1) (a)")
Kind = tuple[str, str, str, str | None]


def line(no: int, amount: str, kind: str = "recurring", **more: Any) -> InvoiceLine:
    """A line of the standard tax group for July."""
    values: dict[str, Any] = {
        "description": f"Charge {no}",
        "line_key": f"key-{no}",
        "tax_group_code": "standard",
        "charge_code": f"C{no}",
        "service_start_on": JULY,
        "service_end_on": date(2026, 8, 1),
        "origin_month": JULY,
    }
    values.update(more)
    return InvoiceLine(no, kind, line_amount=Decimal(amount), **values)


def taxes_of(
    lines: Iterable[InvoiceLine], kinds: dict[str, Kind], places: str = "0.01"
) -> tuple[TaxSubtotal, ...]:
    """What the models would hand over: one row a tax group, rounded once."""
    sums: dict[str, Decimal] = {}
    for one in lines:
        group = one.tax_group_code or "*"
        sums[group] = sums.get(group, Decimal(0)) + one.line_amount
    found = []
    for group, base in sums.items():
        if group in kinds:
            name, category, rate, reason = kinds[group]
            tax = (base * Decimal(rate)).quantize(Decimal(places), rounding=ROUND_HALF_UP)
            found.append(TaxSubtotal(name, category, Decimal(rate), base, tax, group, reason))
    return tuple(found)


def document(
    lines: Iterable[InvoiceLine],
    kinds: dict[str, Kind] | None = None,
    places: str = "0.01",
    **more: Any,
) -> InvoiceDocument:
    """An invoice whose totals follow from its lines."""
    lines = tuple(lines)
    taxes = taxes_of(lines, kinds if kinds is not None else {"standard": STANDARD}, places)
    net = sum((one.line_amount for one in lines), Decimal(0))
    tax = sum((one.tax_amount for one in taxes), Decimal(0))
    values: dict[str, Any] = {
        "number": "NORD-2026-000042",
        "issued_on": date(2026, 8, 3),
        "seller": SELLER,
        "buyer": BUYER,
        "currency_code": "EUR",
        "account_id": "A-10042",
        "billing_month": JULY,
        "period_start_on": JULY,
        "period_end_on": date(2026, 8, 1),
        "due_on": date(2026, 8, 17),
    }
    values.update(more)
    total = net + tax + values.get("rounding_amount", Decimal(0))
    return InvoiceDocument(
        lines=lines, taxes=taxes, net_amount=net, tax_amount=tax, total_amount=total, **values
    )


def plain() -> InvoiceDocument:
    """A mobile plan, calls beyond the allowance, messages, data, a discount."""
    label = "+49 170 5550142"
    usage = [*calls(24, "key-2", label), *texts(6, "key-3", label), *sessions(8, "key-4", label)]
    rated = {key: sum(u.charge_amount for u in usage if u.line_key == key) for key in _KEYS}
    booked = {
        key: Decimal(sum_).quantize(Decimal("0.01"), ROUND_HALF_UP) for key, sum_ in rated.items()
    }
    lines = [
        line(1, "29.90", description="Flex L", quantity=Decimal(1), unit_code="month",
             unit_price_amount=Decimal("29.90"), subscription_label=label),
        line(2, str(booked["key-2"]), "usage", description="Calls to other networks",
             quantity=_sum(usage, "key-2"), unit_code="second", service_code="voice",
             subscription_label=label, event_count=24),
        line(3, str(booked["key-3"]), "usage", description="Messages abroad", quantity=Decimal(6),
             unit_code="event", unit_price_amount=Decimal("0.19"), service_code="sms",
             subscription_label=label, event_count=6),
        line(4, str(booked["key-4"]), "usage", description="Data beyond the plan",
             quantity=_sum(usage, "key-4"), unit_code="byte", service_code="data",
             subscription_label=label, event_count=8),
        line(5, "9.95", "one_off", description="New SIM card", quantity=Decimal(1),
             unit_price_amount=Decimal("9.95")),
        line(6, "-2.99", "discount", description="10 % loyalty discount on Flex L",
             discount_id="LOYAL10"),
    ]  # fmt: skip
    return document(
        lines,
        usage=tuple(usage),
        previous_balance_amount=Decimal("31.20"),
        payments=(Payment(date(2026, 7, 20), Decimal("31.20"), "P-77"),),
        payment_terms="Payable within 14 days without deduction.",
    )


_KEYS = ("key-2", "key-3", "key-4")


def _sum(usage: list[UsageRecord], key: str) -> Decimal:
    return sum((one.quantity for one in usage if one.line_key == key), Decimal(0))


def calls(count: int, key: str, label: str | None = None) -> list[UsageRecord]:
    """Calls of growing length, each third one free."""
    start = datetime.fromisoformat("2026-07-01T08:03:11")
    found = []
    for i in range(count):
        seconds = Decimal(35 + 47 * i % 1900)
        free = seconds if i % 3 == 0 else Decimal(0)
        charge = Decimal(0) if free else (seconds * Decimal("0.0015")).quantize(Decimal("0.000001"))
        number = f"49151{5550000 + 7919 * i % 999999:07}"
        at = start + timedelta(hours=29 * i % 720, seconds=137 * i)
        found.append(
            UsageRecord(
                key, at, "voice", seconds, "second", charge, free, number, "MOBILE", None, label
            )
        )
    return found


def texts(count: int, key: str, label: str | None = None) -> list[UsageRecord]:
    """Messages at 0.19 each."""
    at = datetime.fromisoformat("2026-07-02T12:00:05")
    one = Decimal(1)
    return [
        UsageRecord(key, at + timedelta(days=i % 28, minutes=i), "sms", one, "event",
                    Decimal("0.19"), Decimal(0), f"34600{100000 + i}", "EU", None, label)
        for i in range(count)
    ]  # fmt: skip


def sessions(count: int, key: str, label: str | None = None) -> list[UsageRecord]:
    """Data sessions, without another party."""
    at = datetime.fromisoformat("2026-07-05T18:30")
    return [
        UsageRecord(key, at + timedelta(days=i % 25, minutes=7 * i), "data",
                    Decimal(1_250_000 * (i + 1)), "byte", Decimal("0.0125") * (i + 1),
                    Decimal(0), None, "HOME", None, label)
        for i in range(count)
    ]  # fmt: skip


def corrected() -> InvoiceDocument:
    """Late usage of May is charged, and what May's bill charged too much is taken back."""
    late = line(3, "4.20", "usage", description="Calls abroad", origin_month=MAY,
                service_start_on=MAY, service_end_on=date(2026, 6, 1), service_code="voice",
                quantity=Decimal(840), unit_code="second")  # fmt: skip
    back = replace(late, line_no=4, line_key="key-4", line_amount=Decimal("-7.35"),
                   description="Calls to other networks", quantity=Decimal(-1470))  # fmt: skip
    return document([line(1, "29.90"), line(2, "5.00", "usage"), late, back])


def credit_note() -> InvoiceDocument:
    """All of July's plan fee is given back."""
    return document(
        [line(1, "29.90", description="Flex L")],
        number="NORD-2026-000043",
        document_type=CREDIT_NOTE,
        corrected_invoice=CorrectedInvoice(
            "NORD-2026-000042", date(2026, 8, 3), "Service was not delivered"
        ),
        due_on=None,
    )


def exempt() -> InvoiceDocument:
    """Some lines are exempt, with the reason."""
    lines = [line(1, "20.00"), line(2, "8.00", tax_group_code="exempt")]
    return document(lines, {"standard": STANDARD, "exempt": EXEMPT})


def zero_rated() -> InvoiceDocument:
    """Nothing but a zero rate."""
    return document([line(1, "15.00")], {"standard": ("Zero", "Z", "0", None)})


def reverse_charge() -> InvoiceDocument:
    """A business in another country owes the tax itself."""
    buyer = Party(
        "B-1", "Voz y Datos S.L.", "Calle Mayor 3", "Madrid", "28013", "ES", "ESB12345674"
    )
    return document([line(1, "1250.00")], {"standard": ("VAT", "AE", "0", None)}, buyer=buyer)


def intra_community() -> InvoiceDocument:
    """Goods that went to another country of the Union."""
    return replace(
        reverse_charge(),
        taxes=(TaxSubtotal("VAT", "K", Decimal(0), Decimal(1250), Decimal(0), "standard"),),
    )


def export() -> InvoiceDocument:
    """A buyer outside the Union."""
    buyer = Party("X-1", "Alpine Carrier AG", "Bahnhofstrasse 1", "Zürich", "8001", "CH")
    return document([line(1, "99.00")], {"standard": ("VAT", "G", "0", None)}, buyer=buyer)


def without_tax() -> InvoiceDocument:
    """No tax in the catalogue: outside the scope of VAT."""
    return document([line(1, "12.00"), line(2, "-2.00", "discount")], {})


def several_rates() -> InvoiceDocument:
    """Two rates, one of them from two tax groups, and a discount on each."""
    lines = [
        line(1, "100.05"),
        line(2, "33.33", tax_group_code="media"),
        line(3, "10.05", tax_group_code="books"),
        line(4, "-5.00", "discount", description="Welcome"),
        line(5, "-1.11", "discount", description="Reader", tax_group_code="books"),
    ]
    return document(lines, {"standard": STANDARD, "media": REDUCED, "books": REDUCED})


def line_discounts() -> InvoiceDocument:
    """A discount inside a line and one on the document."""
    off = (LineAllowance("Two for one", Decimal("10.00")),)
    first = line(
        1, "10.00", quantity=Decimal(2), unit_price_amount=Decimal("10.00"), allowances=off
    )
    return document([first, line(2, "-1.00", "discount", description="Voucher")])


def rounded() -> InvoiceDocument:
    """A total rounded to five cents, as where there are no smaller coins."""
    return document([line(1, "10.02")], rounding_amount=Decimal("0.03"))


def prepaid() -> InvoiceDocument:
    """Part of it is paid already."""
    return document([line(1, "40.00")], prepaid_amount=Decimal("20.00"))


def exempt_account() -> InvoiceDocument:
    """The whole account is exempt."""
    kinds: dict[str, Kind] = {"standard": ("VAT", "E", "0", "Diplomatic mission, art. 151")}
    return document([line(1, "55.00"), line(2, "0.00", "usage")], kinds)


def below_zero() -> InvoiceDocument:
    """More is given back than charged."""
    back = line(2, "-30.00", quantity=Decimal(1), unit_price_amount=Decimal("-30.00"))
    return document([line(1, "12.50"), back])


def debited() -> InvoiceDocument:
    """Collected from the buyer's bank."""
    return document(
        [line(1, "40.00")],
        direct_debit_mandate_id="M-2024-0815",
        seller=replace(SELLER, creditor_id="DE98ZZZ09999999999"),
        buyer=replace(BUYER, iban="DE02 7001 0080 0030 8768 08"),
        buyer_reference="04011000-12345-03",
    )


def yen() -> InvoiceDocument:
    """A currency without decimals."""
    lines = [
        line(1, "2980", quantity=Decimal(1), unit_price_amount=Decimal(2980)),
        line(2, "1234567"),
    ]
    seller = replace(SELLER, country_code="JP", tax_id="T1234567890123", iban=None)
    return document(
        lines, {"standard": ("JCT", "S", "0.10", None)}, "1", currency_code="JPY", seller=seller
    )


def dinar() -> InvoiceDocument:
    """A currency with three decimals, which EN 16931 does not know."""
    return document(
        [line(1, "12.345")], {"standard": ("VAT", "S", "0.05", None)}, "0.001", currency_code="KWD"
    )


def many_lines(count: int = 500) -> InvoiceDocument:
    """A business with many numbers."""
    lines = [
        line(
            i,
            f"{(i * 37) % 9000 / 100:.2f}" if i % 7 else "0.00",
            "usage" if i % 3 else "recurring",
            subscription_label=f"+49 170 {5550000 + i}",
            description="Flex L" if i % 3 == 0 else "Calls to other networks",
        )
        for i in range(1, count + 1)
    ]
    return document(lines)


CASES = {
    one.__name__: one
    for one in (
        plain, corrected, credit_note, exempt, zero_rated, reverse_charge, intra_community, export,
        without_tax, several_rates, line_discounts, rounded, prepaid, exempt_account, below_zero,
        debited, yen, many_lines,
    )
}  # fmt: skip


def heavy() -> InvoiceDocument:
    """Three hundred calls behind one line, forty lines, names that are too long for anything."""
    label = "+49 170 5550142"
    usage = calls(300, "key-1", label)
    rated = sum((one.charge_amount for one in usage), Decimal(0))
    booked = str(rated.quantize(Decimal("0.01"), ROUND_HALF_UP))
    long = "Gesellschaft für außergewöhnlich ausführliche Firmenbezeichnungen und Verwaltung "
    lines = [
        line(1, booked, "usage", description="Calls to other networks", service_code="voice",
             quantity=_sum(usage, "key-1"), unit_code="second", subscription_label=label),
        *(line(i, f"{i}.00" if i % 5 else "0.00", description=f"Option {i} " + long[: 9 * i])
          for i in range(2, 41)),
    ]  # fmt: skip
    buyer = replace(BUYER, name=long * 2 + "mbH & Co. KG", street_address=long)
    return document(lines, usage=tuple(usage), buyer=buyer, language_code="de")
