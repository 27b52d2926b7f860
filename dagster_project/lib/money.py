"""Exact money for people to read; figures are computed in SQL, here they are only written down."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
# decimals of a currency where they are not two, as the models book them (macro minor_step)
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
MINOR_UNITS: Mapping[str, int] = {
    **dict.fromkeys(_NO_DECIMALS.split(), 0),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
}


def minor_units(currency_code: str) -> int:
    """Decimals of a currency: 2, 0 for the yen, 3 for the dinar of Kuwait."""
    return MINOR_UNITS.get(currency_code, 2)


def cents(amount: Decimal | None, places: Decimal = CENT) -> Decimal:
    """The booked amount: half away from zero, never `-0.00`."""
    rounded = (amount or Decimal(0)).quantize(places, rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def show(amount: Decimal | None, currency_code: str | None = None) -> str:
    """`1,234.50 EUR`: thousands separated, two decimals, the currency behind."""
    text = f"{cents(amount):,.2f}"
    return f"{text} {currency_code}" if currency_code else text


def show_exact(amount: Decimal | None, currency_code: str | None = None) -> str:
    """Like `show`, with all six decimals where they say more than two: rated amounts do."""
    exact = amount or Decimal(0)
    if exact == cents(exact):
        return show(exact, currency_code)
    text = f"{exact:,.6f}"
    return f"{text} {currency_code}" if currency_code else text


def in_micros(amount: Decimal | None) -> int | None:
    """An exact amount in whole micro-units; more than six decimals is an error of ours."""
    if amount is None:
        return None
    scaled = amount.scaleb(6)
    whole = int(scaled)
    if whole != scaled:
        raise ValueError(f"{amount} has more than six decimals")
    return whole
