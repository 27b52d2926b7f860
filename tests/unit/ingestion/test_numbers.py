from __future__ import annotations

import duckdb
import pytest

from ingestion.numbers import Numbering, e164_sql, head_sql


@pytest.mark.parametrize(
    ("text", "digits", "head"),
    [
        ("+4915112345678", "4915112345678", 491511234),
        ("004915112345678", "4915112345678", 491511234),
        ("015112345678", "4915112345678", 491511234),
        ("4915112345678", "4915112345678", 491511234),
        ("+49 (151) 1234-5678", "4915112345678", 491511234),
        ("0151/123 45.678", "4915112345678", 491511234),
        ("00 1 212 555", "1212555", 121255500),
        ("110", "110", 110000000),
        ("+33", "33", 330000000),
        ("DSL-0001", "DSL-0001", None),
        (" line 7 ", "line 7", None),
        ("+", None, None),
        ("(-)", None, None),
    ],
)
def test_a_number_becomes_e164_digits(text: str, digits: str | None, head: int | None) -> None:
    row = (
        duckdb.connect()
        .execute(
            f"SELECT n, {head_sql('n')}"
            f" FROM (SELECT {e164_sql('t', Numbering('49'))} AS n FROM (SELECT '{text}' AS t))"
        )
        .fetchall()[0]
    )
    assert row == (digits, head)


def test_no_number_stays_none() -> None:
    row = (
        duckdb.connect()
        .execute(f"SELECT {e164_sql('t', Numbering('49'))} FROM (SELECT NULL::VARCHAR AS t)")
        .fetchall()[0]
    )
    assert row == (None,)
