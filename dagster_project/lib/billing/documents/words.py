"""Texts, numbers and dates as the reader of an invoice writes them: words.yml and CLDR (babel).

Babel writes a number in 30 millionths of a second, too slow for invoices with hundreds of calls:
its symbols are taken once a language, and the digits are set by Python.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path

import yaml
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import (
    format_currency,
    format_decimal,
    get_currency_precision,
    get_currency_symbol,
)

from dagster_project.lib.money import minor_units

FALLBACK = "en"
_FILE = Path(__file__).with_name("words.yml")
_SIX = Decimal("0.000001")


@lru_cache(maxsize=1)
def all_words() -> dict[str, dict[str, str]]:
    """The texts of every language."""
    found: dict[str, dict[str, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=64)
def choose_locale(language_code: str, country_code: str | None) -> Locale:
    """`es` of a Colombian seller is es_CO; a language nobody translated is English."""
    language, _, territory = language_code.replace("_", "-").partition("-")
    language = language.lower() if language.lower() in all_words() else FALLBACK
    for place in (territory.upper(), country_code):
        if place:
            try:
                return Locale(language, territory=place)
            except UnknownLocaleError:
                continue
    # no country says how: English of the world has the day before the month
    return Locale(language, territory="001" if language == FALLBACK else None)


@dataclass(frozen=True)
class Words:
    """One language in one currency; `words("total")` is a text, `number` and `day` set figures."""

    locale: Locale
    currency_code: str

    def __call__(self, key: str, **values: str) -> str:
        """The text of a key, filled in; an unknown key is a bug and raises KeyError."""
        text = all_words()[self.locale.language][key]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in all_words()[self.locale.language]

    def counted(self, key: str, count: Decimal) -> str:
        """The text for one or for many of a thing, as the language wants it."""
        return self(f"{key}_{'one' if count == 1 else 'other'}")

    def number(self, value: Decimal, least: int = 0, most: int | None = None) -> str:
        """Digits in groups with at least and at most so many decimals; halves away from zero."""
        most = max(least, 6) if most is None else most
        value = value.quantize(Decimal(1).scaleb(-most), rounding=ROUND_HALF_UP)
        value = value or Decimal(0)  # never `-0`
        symbols = _symbols(self.locale)
        if symbols is None:
            return _by_babel(value, least, most, self.locale)
        whole, _, part = f"{abs(value):f}".partition(".")
        if len(whole) >= 3 + symbols.least_grouped:
            whole = f"{int(whole):,}".replace(",", symbols.group)
        part = part.rstrip("0").ljust(least, "0")
        sign = symbols.minus if value < 0 else ""
        return f"{sign}{whole}{symbols.point}{part}" if part else f"{sign}{whole}"

    def amount(self, value: Decimal) -> str:
        """An amount with the decimals of the currency, more only where it has more."""
        return self.number(value, minor_units(self.currency_code))

    def price(self, value: Decimal) -> str:
        """An amount with its currency."""
        exact = value.quantize(_SIX)
        least = minor_units(self.currency_code)
        is_booked = exact == exact.quantize(Decimal(1).scaleb(-least), rounding=ROUND_HALF_UP)
        has_symbol = get_currency_symbol(self.currency_code, self.locale) != self.currency_code
        # CLDR leaves out decimals that some currencies have but rarely use
        if is_booked and has_symbol and get_currency_precision(self.currency_code) == least:
            return str(format_currency(exact, self.currency_code, locale=self.locale))
        return f"{self.number(exact, least)}\N{NO-BREAK SPACE}{self.currency_code}"

    def day(self, value: date) -> str:
        """A day, in words as far as the language does so."""
        return _day(value, "long", self.locale)

    def short_day(self, value: date) -> str:
        """A day in figures, for columns."""
        return _day(value, "medium", self.locale)

    def month(self, value: date) -> str:
        """A month and its year."""
        return _day(value, "LLLL yyyy", self.locale)

    def clock(self, value: datetime) -> str:
        """The time of day, to the second: calls are told apart by it."""
        return f"{value:%H:%M:%S}"


@dataclass(frozen=True)
class _Symbols:
    group: str
    point: str
    minus: str
    least_grouped: int


@lru_cache(maxsize=64)
def _symbols(locale: Locale) -> _Symbols | None:
    """The marks of a language that groups by threes; None for one that does otherwise."""
    pattern = locale.decimal_formats[None]
    if tuple(pattern.grouping) != (3, 3) or locale.default_numbering_system != "latn":
        return None
    marks = locale.number_symbols["latn"]
    return _Symbols(marks["group"], marks["decimal"], marks["minusSign"], _least_grouped(locale))


def _least_grouped(locale: Locale) -> int:
    return 2 if len(format_decimal(Decimal(1000), locale=locale)) == 4 else 1


def _by_babel(value: Decimal, least: int, most: int, locale: Locale) -> str:
    whole = str(locale.decimal_formats[None].pattern).partition(".")[0]
    part = "0" * least + "#" * (most - least)
    pattern = f"{whole}.{part}" if part else whole
    return str(format_decimal(value, format=pattern, locale=locale, decimal_quantization=False))


@lru_cache(maxsize=4096)
def _day(value: date, form: str, locale: Locale) -> str:
    return str(format_date(value, format=form, locale=locale))
