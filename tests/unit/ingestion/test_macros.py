"""Each word of a mapping against the same thing in plain Python."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.macros import add_macros

connection = duckdb.connect(config={"threads": 1})
add_macros(connection)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
cents = st.decimals(-(10**9), 10**9, places=2)


def value(call: str, *given_values: Any) -> Any:
    """What an expression over texts gives, as a mapping sees it."""
    ((found,),) = connection.execute(f"SELECT ({call})::VARCHAR", list(given_values)).fetchall()
    return found


def fails(call: str, *given_values: Any) -> bool:
    """Whether an expression fails on its own, and is quietly nothing where it is tried."""
    assert value(f"TRY({call})", *given_values) is None
    try:
        value(call, *given_values)
    except duckdb.ConversionException:
        return True
    return False


@given(st.integers(-(10**15), 4 * 10**15))
def test_an_epoch_in_any_unit_is_the_same_moment(micros: int) -> None:
    moment = EPOCH + timedelta(microseconds=micros)
    seconds = f"{Decimal(micros) / 10**6:f}"
    found = {
        value("from_epoch(?)", seconds),
        value("from_epoch_ms(?)", f"{Decimal(micros) / 10**3:f}"),
        value("from_epoch_us(?)", str(micros)),
        value("from_epoch_ns(?)", f"{micros}000"),
    }
    assert found == {moment.strftime("%Y-%m-%d %H:%M:%S.%f+00").zfill(29)}


@given(st.integers(0, 999_999), st.integers(0, 59), st.integers(0, 59), st.integers(0, 99))
def test_a_duration_in_any_writing_is_the_same_seconds(h: int, m: int, s: int, c: int) -> None:
    exact = Decimal(h * 3600 + m * 60 + s) + Decimal(c) / 100
    assert Decimal(value("clock_seconds(?)", f"{h}:{m:02d}:{s:02d}.{c:02d}")) == exact
    assert Decimal(value("hhmmsscc_seconds(?)", f"{h:02d}{m:02d}{s:02d}{c:02d}")) == exact
    assert Decimal(value("hhmmss_seconds(?)", f"{h:02d}{m:02d}{s:02d}")) == int(exact)
    assert Decimal(value("clock_seconds(?)", f"{m}:{s:02d}")) == m * 60 + s


@given(st.decimals(0, 10**6, places=3))
def test_a_larger_unit_is_so_many_of_the_base_unit(figure: Decimal) -> None:
    text = f"{figure:f}"
    for name, factor in {
        "minutes_to_seconds": 60, "kb_to_bytes": 10**3, "mb_to_bytes": 10**6,
        "gb_to_bytes": 10**9, "kib_to_bytes": 2**10, "mib_to_bytes": 2**20,
        "gib_to_bytes": 2**30,
    }.items():  # fmt: skip
        assert Decimal(value(f"{name}(?)", text)) == figure * factor, name


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**31))
def test_gigawords_are_the_upper_half_of_a_counter(octets: int, words: int) -> None:
    assert int(value("gigawords(?, ?)", str(octets), str(words))) == octets + (words << 32)
    assert int(value("gigawords(?, ?)", str(octets), "")) == octets


@given(st.integers(-(10**12), 10**12))
def test_minor_units_follow_the_currency(amount: int) -> None:
    for currency, digits in {"EUR": 2, "usd": 2, "JPY": 0, "KRW": 0, "BHD": 3, "CLF": 4}.items():
        found = Decimal(value("minor_units(?, ?)", str(amount), currency))
        assert found == Decimal(amount).scaleb(-digits), currency


@given(cents)
def test_marks_sign_an_amount(amount: Decimal) -> None:
    text = f"{amount:f}"
    for mark, sign in {"D": 1, "S": 1, "dr": 1, "C": -1, "H": -1, " Cr ": -1, "-": -1}.items():
        assert Decimal(value("debit_positive(?, ?)", text, mark)) == sign * amount
        assert Decimal(value("credit_positive(?, ?)", text, mark)) == -sign * amount


@given(cents, st.sampled_from([".", " ", "'", "\u00a0", ""]), st.booleans())
def test_a_decimal_comma_with_any_separator(amount: Decimal, mark: str, is_behind: bool) -> None:
    text = f"{abs(amount):,.2f}".replace(".", ";").replace(",", mark).replace(";", ",")
    sign = "-" if amount < 0 else ""
    delivered = text + sign if is_behind else sign + text
    assert Decimal(value("decimal_comma(?)", delivered)) == amount


def plain_luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        figure = int(digit) * (1 + place % 2)
        total += figure - 9 if figure > 9 else figure
    return total % 10 == 0


@given(st.text("0123456789", min_size=1, max_size=22))
def test_luhn(digits: str) -> None:
    assert value("is_luhn(?)", digits) == str(plain_luhn(digits)).lower()


def test_known_numbers_satisfy_luhn() -> None:
    assert value("is_luhn(?)", "490154203237518") == "true"
    assert value("is_luhn(?)", "490154203237519") == "false"
    assert value("is_luhn(?)", "49015420323751X") == "false"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("from_epoch(?)", "yesterday"), ("from_epoch(?)", "1e9"), ("from_epoch_ms(?)", "0x10"),
        ("clock_seconds(?)", "1:60:00"), ("clock_seconds(?)", "1:00:61"),
        ("clock_seconds(?)", "90"), ("hhmmss_seconds(?)", "016100"),
        ("hhmmss_seconds(?)", "1:02:03"), ("hhmmsscc_seconds(?)", "0102034"),
        ("minutes_to_seconds(?)", "five"), ("kb_to_bytes(?)", "1,5"),
        ("minor_units(?, 'EUR')", "1.2.3"), ("minor_units(?, 'EURO')", "1"),
        ("minor_units(?, '')", "1"), ("minor_units(?, NULL)", "1"),
        ("debit_positive(?, 'X')", "1"), ("debit_positive(?, NULL)", "1"),
        ("decimal_comma(?)", "1,234.56"), ("decimal_comma(?)", "1.23,4"),
        ("decimal_comma(?)", "-1-"), ("decimal_comma(?)", "1,2,3"),
    ],
)  # fmt: skip
def test_what_is_no_such_value_is_an_error(call: str, text: str) -> None:
    assert fails(call, text)


@pytest.mark.parametrize(
    "call",
    ["from_epoch(?)", "clock_seconds(?)", "hhmmss_seconds(?)", "kb_to_bytes(?)",
     "minor_units(?, 'EUR')", "debit_positive(?, 'D')", "decimal_comma(?)", "gigawords(?, '1')"],
)  # fmt: skip
def test_nothing_stays_nothing(call: str) -> None:
    assert value(call, "") is None
    assert value(call, None) is None
