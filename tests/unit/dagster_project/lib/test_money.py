from __future__ import annotations

from decimal import Decimal

import pytest

from dagster_project.lib.money import cents, show, show_exact


@pytest.mark.parametrize(
    ("amount", "booked"),
    [("0.005", "0.01"), ("-0.005", "-0.01"), ("1.0049", "1.00"), ("-0.001", "0.00")],
)
def test_amounts_are_booked_half_away_from_zero(amount: str, booked: str) -> None:
    assert str(cents(Decimal(amount))) == booked


def test_no_amount_is_zero() -> None:
    assert str(cents(None)) == "0.00"


def test_amounts_are_shown_with_their_currency() -> None:
    assert show(Decimal("1234567.891"), "EUR") == "1,234,567.89 EUR"
    assert show(Decimal("-12")) == "-12.00"


@pytest.mark.parametrize(
    ("amount", "text"), [("0.055", "0.055000 EUR"), ("19.990000", "19.99 EUR"), (None, "0.00 EUR")]
)
def test_rated_amounts_keep_their_decimals(amount: str | None, text: str) -> None:
    assert show_exact(Decimal(amount) if amount else None, "EUR") == text
