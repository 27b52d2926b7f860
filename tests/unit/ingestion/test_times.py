# ruff: noqa: DTZ001 - raw timestamps are UTC without saying so

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import pytest

from ingestion.times import local_sql, naive_sql, offset_sql, utc_sql, zone_offsets

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "America/Sao_Paulo",
    "Asia/Pyongyang",
    "UTC",
]


@pytest.mark.parametrize("zone", ZONES)
def test_the_tree_says_what_icu_says(zone: str) -> None:
    """Every quarter of an hour for two days around each change of the clock, and far away."""
    moments = [f"TIMESTAMP '{at}'" for at, _ in zone_offsets(zone) if at]
    moments += ["TIMESTAMP '1999-06-01'", "TIMESTAMP '2039-12-31'", "TIMESTAMP '2055-06-01'"]
    local = f"timezone('{zone}', timezone('UTC', t))"
    utc = f"timezone('UTC', timezone('{zone}', t))"
    tree_local, tree_utc = local_sql("t", zone, as_tree=True), utc_sql("t", zone, as_tree=True)
    differing = (
        duckdb.connect()
        .execute(f"""
            SELECT t, {tree_local}, {local}, {tree_utc}, {utc}
            FROM unnest([{", ".join(moments)}]) m(m),
                range(m - INTERVAL '1 day', m + INTERVAL '1 day', INTERVAL '15 minutes') r(t)
            WHERE {tree_local} <> {local} OR {tree_utc} <> {utc}""")
        .fetchall()
    )
    assert differing == []


def test_a_time_that_comes_twice_is_the_second() -> None:
    assert _utc("2026-10-25 02:30:00") == datetime(2026, 10, 25, 1, 30)


def test_a_time_that_never_comes_is_read_as_if_the_clock_had_not_moved() -> None:
    assert _utc("2026-03-29 02:30:00") == datetime(2026, 3, 29, 1, 30)


def _utc(text: str) -> Any:
    stamp = f"TIMESTAMP '{text}'"
    tree, icu = (_one(utc_sql(stamp, "Europe/Berlin", as_tree=tree)) for tree in (True, False))
    assert tree == icu
    return tree


def _one(expression: str) -> Any:
    row = duckdb.connect().execute(f"SELECT {expression}").fetchall()[0]
    return row[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-01 10:00:00", datetime(2026, 7, 1, 10)),
        ("2026-07-01T10:00:00", datetime(2026, 7, 1, 10)),
        ("2026-07-01 10:00", datetime(2026, 7, 1, 10)),
        ("2026-07-01 10:00:00.123456", datetime(2026, 7, 1, 10, 0, 0, 123456)),
        ("2026-07-01", datetime(2026, 7, 1)),
        ("2026-07-01 10:00:00Z", None),
        ("2026-07-01 10:00:00 Europe/Berlin", None),
        ("2026-02-30 10:00:00", None),
        ("01.07.2026 10:00:00", None),
        ("infinity", None),
        ("epoch", None),
    ],
)
def test_a_time_without_offset(text: str, expected: datetime | None) -> None:
    assert _one(naive_sql(f"'{text}'", None)) == expected


def test_a_time_in_the_format_of_its_mapping() -> None:
    assert _one(naive_sql("'01.07.2026 10:00'", "%d.%m.%Y %H:%M")) == datetime(2026, 7, 1, 10)
    for other in ("2026-07-01 10:00", "epoch", "Infinity", " -infinity"):
        assert _one(naive_sql(f"'{other}'", "%d.%m.%Y %H:%M")) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-01T10:00:00Z", datetime(2026, 7, 1, 10)),
        ("2026-07-01 10:00:00+02:00", datetime(2026, 7, 1, 8)),
        ("2026-07-01 10:00:00+0200", datetime(2026, 7, 1, 8)),
        ("2026-07-01 10:00+02", datetime(2026, 7, 1, 8)),
        ("2026-07-01 10:00:00.5-05:30", datetime(2026, 7, 1, 15, 30, 0, 500000)),
        ("2026-07-01 10:00:00", None),
        ("2026-07-01 10:00:00 UTC", None),
    ],
)
def test_a_time_with_its_offset(text: str, expected: datetime | None) -> None:
    assert _one(offset_sql(f"'{text}'")) == expected
