from __future__ import annotations

import re
from decimal import Decimal

import pytest

from dagster_project.lib.money import MINOR_UNITS, cents, minor_units, show, show_exact
from tests.house.tree import ROOT


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


def test_minor_units_are_those_that_the_models_book() -> None:
    text = (ROOT / "dbt/macros/money.sql").read_text(encoding="utf-8")
    macro = text.partition("macro minor_step")[2].partition("endmacro")[0]
    branches = re.findall(r"in \(([^)]*)\)\s*(?:\)\s*)?then (\d+)", macro)
    steps = {code: int(step) for codes, step in branches for code in re.findall("[A-Z]{3}", codes)}
    assert {code: 10 ** (6 - count) for code, count in MINOR_UNITS.items()} == steps
    assert "else 10000" in macro
    assert minor_units("EUR") == 2
