from __future__ import annotations

from decimal import Decimal

import pytest

from dashboards.parts import formats


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0.00 EUR"), ("0.004", "<0.01 EUR"), ("-0.004", "-<0.01 EUR"), ("0.826", "0.83 EUR"),
        ("81.106", "81.1 EUR"), ("999.4", "999 EUR"), ("999.6", "1.00 k EUR"),
        ("20262.57", "20.3 k EUR"), ("-1234567.89", "-1.23 M EUR"), ("999600000", "1.00 bn EUR"),
    ],
)  # fmt: skip
def test_cards_have_three_significant_digits(amount: str, text: str) -> None:
    assert formats.card(Decimal(amount), "EUR") == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0.000319", "0.000319"), ("1234567.890000", "1,234,567.89"), ("-5", "-5.00")],
)
def test_precise_keeps_every_digit(amount: str, text: str) -> None:
    assert formats.precise(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [("1", "0", ""), ("5", "100", "5.0 %"), ("0.5", "100", "50.0 bp"), ("0", "1", "0.0 bp"),
     ("0.000001", "1000", "<0.1 bp")],
)  # fmt: skip
def test_small_shares_are_basis_points(part: str, whole: str, text: str) -> None:
    assert formats.share(Decimal(part), Decimal(whole)) == text


def test_counts_have_their_word() -> None:
    assert formats.counted(1, "finding") == "1 finding"
    assert formats.counted(1234, "finding") == "1,234 findings"


def test_pixels_are_the_amount() -> None:
    assert formats.pixels(Decimal("20262.570001")) == 20262.570001
    assert formats.money(None) == formats.precise(None) == ""
    assert formats.money(Decimal("1234.5"), "EUR") == "1,234.50 EUR"
