"""Seconds, bytes and counts as people say them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from dagster_project.lib.billing.documents.words import Words

_BYTES = (
    (Decimal(10**12), "TB"),
    (Decimal(10**9), "GB"),
    (Decimal(10**6), "MB"),
    (Decimal(10**3), "kB"),
)


def show_quantity(
    quantity: Decimal, unit_code: str | None, words: Words, *, is_alone: bool = False
) -> str:
    """`3:25`, `1:02:05`, `12.3 MB`, `2 months`: a quantity with its unit.

    Args: is_alone: no column of durations beside it tells what `3:25` is, so `min` or `h` follows.
    """
    if unit_code == "second":
        text = _duration(quantity)
        return f"{text} {'h' if text.count(':') == 2 else 'min'}" if is_alone else text
    if unit_code == "byte":
        return _volume(quantity, words)
    text = words.number(quantity)
    if unit_code in (None, "", "event") or not words.has(f"unit_{unit_code}_one"):
        return text
    return f"{text} {words.counted(f'unit_{unit_code}', abs(quantity))}"


def _duration(quantity: Decimal) -> str:
    total = int(abs(quantity).to_integral_value(rounding=ROUND_HALF_UP))
    hours, rest = divmod(total, 3600)
    minutes, seconds = divmod(rest, 60)
    sign = "-" if quantity < 0 and total else ""
    if hours:
        return f"{sign}{hours}:{minutes:02}:{seconds:02}"
    return f"{sign}{minutes}:{seconds:02}"


def _volume(quantity: Decimal, words: Words) -> str:
    for size, name in _BYTES:
        if abs(quantity) >= size:
            return f"{words.number(quantity / size, 1, 1)} {name}"
    return f"{words.number(quantity, 0, 0)} B"
