"""Figures as people read them. Amounts stay exact decimals until they become text or pixels."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from dagster_project.lib.money import show

SIGNIFICANT = 3
_UNITS = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k"))
_MICRO = 6
_SMALLEST_SHARE = Decimal("0.1")


def money(amount: Decimal | None, currency_code: str | None = None) -> str:
    """`1,234,567.89 EUR`; nothing for no amount."""
    return "" if amount is None else show(amount, currency_code)


def precise(amount: Decimal | None, currency_code: str | None = None) -> str:
    """Every digit there is, at least two decimals: `0.000319 EUR`."""
    if amount is None:
        return ""
    whole, _, rest = f"{amount:,.6f}".partition(".")
    text = f"{whole}.{rest.rstrip('0').ljust(2, '0')}"
    return f"{text} {currency_code}" if currency_code else text


def card(amount: Decimal, currency_code: str) -> str:
    """Three significant digits with a unit, as `1.23 M EUR`; below 1 to the cent."""
    for size, unit in _UNITS:
        # what rounds up to the next unit is written in it
        if abs(amount) >= size * Decimal("0.9995"):
            return f"{_significant(amount / size)} {unit} {currency_code}"
    if 0 < abs(amount) < Decimal("0.005"):
        return f"{'-' if amount < 0 else ''}<0.01 {currency_code}"
    return f"{_significant(amount)} {currency_code}"


def _significant(value: Decimal) -> str:
    digits = len(str(int(abs(value))))
    places = min(max(SIGNIFICANT - digits, 0), 2)
    return str(value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def count(number: int) -> str:
    """`1,234`."""
    return f"{number:,}"


def counted(number: int, one: str, many: str = "") -> str:
    """`1 finding`, `1,234 findings`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def share(part: Decimal, whole: Decimal) -> str:
    """Percent with one decimal; basis points below one percent; nothing without a whole."""
    if not whole:
        return ""
    percent = 100 * part / whole
    if abs(percent) >= 1:
        return f"{percent:.1f} %"
    points = 100 * percent
    if 0 < abs(points) < _SMALLEST_SHARE:
        return "<0.1 bp"
    return f"{points:.1f} bp"


def month(day: date) -> str:
    """`2026-07`."""
    return f"{day:%Y-%m}"


def pixels(amount: Decimal) -> float:
    """The amount for drawing only: the one place where exactness ends."""
    millionths: int = int(amount.scaleb(_MICRO))
    return millionths / 1_000_000
