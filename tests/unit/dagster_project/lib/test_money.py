from __future__ import annotations

from decimal import Decimal

import pytest

from dagster_project.lib.money import cents, show


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
