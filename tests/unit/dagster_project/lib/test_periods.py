from __future__ import annotations

from datetime import date

import pytest

from dagster_project.lib.errors import UsageError
from dagster_project.lib.periods import Months, next_month, parse_month


@pytest.mark.parametrize("text", ["2026-07", "2026-07-01", " 2026-07 "])
def test_a_month_is_its_first_day(text: str) -> None:
    assert parse_month(text) == date(2026, 7, 1)


@pytest.mark.parametrize("text", ["2026-13", "2026-7", "July 2026", "2026-07-02", "", "0000-01"])
def test_what_is_no_month_is_named(text: str) -> None:
    with pytest.raises(UsageError, match=f"'{text}' is not a month"):
        parse_month(text)


def test_months_run_over_the_end_of_a_year() -> None:
    months = Months.parse("2026-02", "2025-11")
    assert [f"{month:%y%m}" for month in months.each()] == ["2511", "2512", "2601", "2602"]
    assert str(months) == "2025-11..2026-02"
    assert next_month(date(2025, 12, 1)) == date(2026, 1, 1)


def test_one_month_is_written_alone() -> None:
    assert str(Months.parse("2026-07")) == "2026-07"


def test_months_do_not_run_backwards() -> None:
    with pytest.raises(UsageError, match="2026-07 is after 2026-05"):
        Months.parse("2026-05", "2026-07")
