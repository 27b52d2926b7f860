"""Texts and figures are those that the reader's language has."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from dagster_project.lib.billing.documents.quantities import show_quantity
from dagster_project.lib.billing.documents.words import Words, all_words, choose_locale

PLACES = ["en", "en_GB", "en_IN", "de", "de_AT", "de_CH", "es", "es_CO", "es_MX", "es_PE"]


def words(language: str, country: str | None = None, currency: str = "EUR") -> Words:
    return Words(choose_locale(language, country), currency)


def test_every_language_has_every_text_with_the_same_blanks() -> None:
    english = all_words()["en"]
    assert {"en", "de", "es"} <= set(all_words())
    for texts in all_words().values():
        assert set(texts) == set(english)
        for key, text in texts.items():
            assert text.strip() == text
            assert (
                re.findall(r"\{\w+\}", text).sort() == re.findall(r"\{\w+\}", english[key]).sort()
            )


@given(
    st.sampled_from(PLACES),
    st.decimals(-(10**13), 10**13, places=6),
    st.sampled_from([(0, 0), (0, 2), (2, 2), (2, 6), (3, 3)]),
)
def test_figures_are_set_as_babel_would(
    place: str, value: Decimal, decimals: tuple[int, int]
) -> None:
    locale = Locale.parse(place)
    least, most = decimals
    pattern = re.sub(r"0\.#+$", f"0.{'0' * least}{'#' * (most - least)}", str(_pattern(locale)))
    rounded = value.quantize(Decimal(1).scaleb(-most), rounding="ROUND_HALF_UP")
    # never `-0`
    rounded = rounded or Decimal(0)
    expected = format_decimal(rounded, format=pattern.rstrip("."), locale=locale)
    assert Words(locale, "EUR").number(value, least, most) == expected


def _pattern(locale: Locale) -> str:
    return str(locale.decimal_formats[None].pattern)


@pytest.mark.parametrize(
    ("language", "country", "currency", "amount", "price", "day"),
    [
        ("en", "GB", "GBP", "1,234.50", "£1,234.50", "3 July 2026"),
        ("en", "US", "USD", "1,234.50", "$1,234.50", "July 3, 2026"),
        ("de", "DE", "EUR", "1.234,50", "1.234,50 €", "3. Juli 2026"),
        ("es", "CO", "COP", "1.234,50", "$1.234,50", "3 de julio de 2026"),
        ("es-MX", "ES", "USD", "1,234.50", "1,234.50 USD", "3 de julio de 2026"),
        ("en", "KW", "KWD", "1,234.500", "1,234.500 KWD", "3 July 2026"),
        # CLDR writes none of the two decimals that these are booked with
        ("en", "RS", "RSD", "1,234.50", "1,234.50 RSD", "3 July 2026"),
        ("en", "MG", "MGA", "1,234.50", "1,234.50 MGA", "3 July 2026"),
        ("fr", "DE", "EUR", "1.234,50", "1.234,50 €", "3 July 2026"),
    ],
)
def test_amounts_and_days_are_written_as_at_home(
    language: str, country: str, currency: str, amount: str, price: str, day: str
) -> None:
    at = words(language, country, currency)
    assert at.amount(Decimal("1234.5")) == amount
    assert at.price(Decimal("1234.5")).replace("\xa0", " ") == price
    assert at.day(date(2026, 7, 3)) == day


def test_a_currency_without_decimals_shows_none() -> None:
    assert words("en", "JP", "JPY").amount(Decimal("1234.000000")) == "1,234"
    # more digits than the currency has are never hidden
    assert words("en", "JP", "JPY").amount(Decimal("0.5")) == "0.5"


@pytest.mark.parametrize(
    ("quantity", "unit", "text"),
    [
        ("205", "second", "3:25 min"),
        ("3725", "second", "1:02:05 h"),
        ("-61", "second", "-1:01 min"),
        ("12345678", "byte", "12.3 MB"),
        ("5300000000", "byte", "5.3 GB"),
        ("999", "byte", "999 B"),
        ("1", "month", "1 month"),
        ("2.5", "month", "2.5 months"),
        ("6", "event", "6"),
        ("4", "furlong", "4"),
    ],
)
def test_quantities_are_said_as_people_do(quantity: str, unit: str, text: str) -> None:
    assert show_quantity(Decimal(quantity), unit, words("en"), is_alone=True) == text
