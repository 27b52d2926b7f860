"""Gaps, doubles, late and disordered files, judged by names and times of files alone."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import ConfigError
from ingestion.ledger import LandedFile
from ingestion.mapping import load_project
from ingestion.sequences import judge
from tests.unit.ingestion.landing import HEADER, USAGE, Landing

NUMBERS = r"sequence = { pattern = 'net/(?P<series>\w+?)_(?P<number>\d+)\.csv', modulus = 100 }"
DAYS = r"sequence = { pattern = 'net/(?P<day>\d{8})', late_after = '1 day' }"


def landed(name: str, mtime: int = 0) -> LandedFile:
    return LandedFile("network_usage", name, name, "", name, "loaded", 1, mtime)


def odd(tmp_path: Path, sequence: str, files: dict[str, int]) -> list[tuple[Any, ...]]:
    landing = Landing(tmp_path / "p", USAGE + sequence)
    found = judge(load_project(landing.folder), [landed(*item) for item in files.items()])
    return [(one.series, one.state, one.source_file or one.first_number, one.file_count)
            for one in found]  # fmt: skip


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


def test_a_gap_in_the_numbers_of_one_element(tmp_path: Path) -> None:
    names = [f"net/ne1_{no:02d}.csv" for no in (3, 4, 7)] + ["net/ne2_07.csv", "net/ne2_08.csv"]
    assert odd(tmp_path, NUMBERS, dict.fromkeys(names, 0)) == [("ne1", "missing", "5", 2)]


def test_numbers_that_start_again_are_no_gap(tmp_path: Path) -> None:
    names = [f"net/ne1_{no:02d}.csv" for no in (97, 98, 99, 0, 2)]
    assert odd(tmp_path, NUMBERS, dict.fromkeys(names, 0)) == [("ne1", "missing", "1", 1)]


def test_a_file_that_came_after_a_later_one(tmp_path: Path) -> None:
    files = {"net/ne1_01.csv": 10, "net/ne1_02.csv": 40, "net/ne1_03.csv": 30}
    assert odd(tmp_path, NUMBERS, files) == [("ne1", "out_of_order", "net/ne1_02.csv", 1)]


def test_two_files_of_one_number(tmp_path: Path) -> None:
    files = {"net/ne1_1.csv": 10, "net/ne1_01.csv": 10}
    assert odd(tmp_path, NUMBERS, files) == [("ne1", "repeated", "net/ne1_1.csv", 1)]


def test_days_that_are_missing_or_late(tmp_path: Path) -> None:
    files = {
        "net/20260701.csv": at("2026-07-02 03:00"),
        "net/20260704.csv": at("2026-07-06 00:00"),
        "net/20260705.csv": at("2026-07-07 00:01"),
        "net/20260799.csv": 0,
        "net/manual.csv": 0,
    }
    assert odd(tmp_path, DAYS, files) == [
        ("", "unnumbered", "net/20260799.csv", 1),
        ("", "unnumbered", "net/manual.csv", 1),
        ("", "missing", "2026-07-02", 2),
        ("", "late", "net/20260705.csv", 1),
    ]


@given(st.sets(st.integers(0, 99), min_size=1, max_size=40), st.integers(0, 99))
def test_what_came_and_what_is_missing_are_the_whole_span(numbers: set[int], start: int) -> None:
    """Against a plain count: walk from the file after the widest gap to the one before it."""
    import tempfile

    ring = sorted(numbers)
    widest = max((ring[no] - ring[no - 1]) % 100 or 100 for no in range(len(ring)))
    with tempfile.TemporaryDirectory() as name:
        files = {f"net/ne1_{(no + start) % 100}.csv": 0 for no in numbers}
        found = odd(Path(name), NUMBERS, files)
    missing = sum(one[3] for one in found if one[1] == "missing")
    assert len(numbers) + missing == 100 - widest + 1


def test_a_gap_is_told_and_becomes_a_row_until_the_file_comes(tmp_path: Path) -> None:
    landing = Landing(tmp_path / "p", USAGE + NUMBERS)
    for number in (1, 2, 5):
        path = landing.put(f"net/ne1_{number:02d}.csv", f"{HEADER}\n" + "\n" * number)
        os.utime(path, (number, number))
    (message,) = landing.ingest().messages
    assert (message.code, message.level, message.what) == (
        "TIE-3010", "warning", "2 files never came: 3 to 4",
    )  # fmt: skip
    columns = "feed, series, state, first_number, last_number, file_count"
    row = ("network_usage", "ne1", "missing", "3", "4", 2)
    assert landing.rows(columns, "tieout__file_arrivals") == [row]
    os.utime(landing.put("net/ne1_03.csv", f"{HEADER}\n" + "\n" * 7), (9, 9))
    codes = {one.what for one in landing.ingest().messages}
    assert codes == {"1 file never came: 4", "1 file came after a later one: net/ne1_03.csv"}


@pytest.mark.parametrize(
    ("sequence", "what"),
    [
        ("sequence = { pattern = '(' }", "is no regular expression"),
        (r"sequence = { pattern = '\d+' }", "needs one group named number or day"),
        (r"sequence = { pattern = '(?P<day>\d+)', modulus = 9 }", "modulus"),
        (r"sequence = { pattern = '(?P<number>\d+)', late_after = '1 day' }", "late_after"),
        (r"sequence = { pattern = '(?P<day>\d+)', late_after = 'soon' }", "late_after"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_told(tmp_path: Path, sequence: str, what: str) -> None:
    landing = Landing(tmp_path / "p", USAGE + sequence)
    with pytest.raises(ConfigError, match=what):
        load_project(landing.folder)
