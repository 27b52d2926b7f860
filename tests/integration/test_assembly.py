"""Calls and sessions whose parts come in several files, in any order, counted by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dagster_project.lib.snapshot import Snapshot, open_snapshot

from .conftest import run_tieout
from .small_operator import FEEDS
from .test_timing import FILES

# 0.10 a minute. A proxy writes INVITE and BYE apart, a gateway counts so far, a switch pieces:
#   c1  INVITE 10 June 23:59:00 (second file), BYE 11 June 00:01:00 (first file): 120 s.
#   c2  INVITE 1 June, no BYE: 29 days old, suspense. Billing rated it all the same.
#   c3  INVITE 29 June, no BYE: one day old, waits.
#   s1  start, 300, 900 and stop at 1200 s over midnight of 20 June.
#   p1  pieces of 1800 and 600 s, the second leg of 2399 s beside them.
#   l1  a second leg of 60 s whose first leg never came.
#   w1  a whole record of 60 s, 30 June.
HEADER = "id,call_id,method,moment,seconds\n"
PARTS = {
    "sip_1.csv": HEADER + "b1,c1,BYE,2026-06-11 00:01:00,0\ni2,c2,INVITE,2026-06-01 08:00:00,0\n"
    "w1,,CDR,2026-06-30 09:00:00,60\n",
    "sip_2.csv": HEADER + "i1,c1,INVITE,2026-06-10 23:59:00,0\n"
    "i3,c3,INVITE,2026-06-29 08:00:00,0\n",
    "radius.csv": HEADER + "r3,s1,UPDATE,2026-06-21 00:05:00,900\n"
    "r1,s1,START,2026-06-20 23:50:00,0\nr4,s1,STOP,2026-06-21 00:10:00,1200\n"
    "r2,s1,UPDATE,2026-06-20 23:55:00,300\n",
    "switch.csv": HEADER
    + "x2,p1,PIECE,2026-06-15 10:30:00,600\nx1,p1,PIECE,2026-06-15 10:00:00,1800\n"
    "x3,p1,LEG_B,2026-06-15 10:00:01,2399\ny1,l1,LEG_B,2026-06-16 10:00:00,60\n",
}
LATE = HEADER + "b3,c3,BYE,2026-06-29 08:10:00,0\n"
NETWORK = """
[feeds.network_usage]
path = ["sip_*.csv", "radius.csv", "switch.csv"]
[feeds.network_usage.columns]
network_record_id = "id"
session_id = "call_id"
part_type_code = "nullif(method, 'CDR')"
started_at = "moment"
quantity = "seconds"
unit_code = "'second'"
service_id = "'491700000001'"
service_code = "'voice'"
call_type_code = "'originating'"
other_party_number = "'49301'"
[feeds.network_usage.code_lists.part_type_code]
INVITE = "start"
BYE = "stop"
START = "start"
UPDATE = "interim"
STOP = "stop"
PIECE = "partial"
LEG_B = "leg"
"""
RATED = {
    "c1": ("10 23:59:00", 120),
    "c2": ("01 08:00:00", 60),
    "s1": ("20 23:50:00", 1200),
    "p1": ("15 10:00:00", 2400),
    "l1": ("16 10:00:00", 60),
    "w1": ("30 09:00:00", 60),
}


def rated() -> str:
    header = FILES["rated.csv"].split("\n")[0]
    call = "A1,S1,491700000001,voice,49301"
    lines = [
        f"R{name},{name},{call},2026-06-{at},{seconds},second,{Decimal(seconds) / 600},EUR,"
        "2026-07-01 00:00:00,L6"
        for name, (at, seconds) in RATED.items()
    ]
    return "\n".join([header, *lines]) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("assembly")
    (folder / "landing").mkdir()
    total = Decimal(sum(seconds for _, seconds in RATED.values())) / 600
    changed = {
        "rated.csv": rated(),
        "runs.csv": FILES["runs.csv"].split("R7")[0],
        "invoices.csv": FILES["invoices.csv"].split("I7")[0]
        + f"I6,A1,2026-07-03,2026-06-01,2026-07-01,{total},0,{total},EUR\n",
        "lines.csv": FILES["lines.csv"].split("L7")[0]
        + f"L6,I6,A1,S1,usage,USAGE_VOICE,voice,{total},2026-06-01,2026-07-01,EUR\n",
    }
    files = {**FILES, **changed, **PARTS}
    files.pop("network.csv")
    for name, text in files.items():
        (folder / "landing" / name).write_text(text)
    feeds = [f'[feeds.{feed}]\npath = "{name}.csv"\n' for feed, name in FEEDS.items()]
    feeds = [text for text in feeds if "network_usage" not in text]
    (folder / "tieout.toml").write_text(
        '[operator]\nname = "T"\ntime_zone = "UTC"\ncurrency_code = "EUR"\n'
        'home_country_code = "49"\n' + "".join(feeds) + NETWORK
    )
    return folder


@pytest.fixture(scope="module")
def snapshot(folder: Path) -> Snapshot:
    return run(folder)


def run(folder: Path) -> Snapshot:
    done = run_tieout("run", "--from", "2026-06", "--period", "2026-06", "--json", cwd=folder)
    assert done.code == 0, done.err
    return open_snapshot(folder / ".tieout")


def rows(snapshot: Snapshot, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in snapshot.rows(sql)]


def test_calls_that_are_whole_match_what_was_rated(snapshot: Snapshot) -> None:
    assert rows(snapshot, "select control_id, category, value_key from fct_findings"
                " where control_id not in ('DQ-01', 'DQ-05')") == []  # fmt: skip
    counted = rows(
        snapshot,
        "select event_on::text, result_type, left_count, left_quantity::int"
        " from fct_usage_reconciliation where left_count > 0 or left_quantity > 0 order by 1",
    )
    assert counted == [
        ("2026-06-10", "matched", 1, 0),
        ("2026-06-11", "matched", 0, 120),
        ("2026-06-15", "matched", 1, 2400),
        ("2026-06-16", "matched", 1, 60),
        ("2026-06-20", "matched", 1, 300),
        ("2026-06-21", "matched", 0, 900),
        ("2026-06-30", "matched", 1, 60),
    ]


def test_what_stays_incomplete_is_listed_with_its_age(snapshot: Snapshot) -> None:
    columns = "session_id, session_state, missing_part, age_days, record_count, counted_quantity"
    assert rows(snapshot, f"select {columns} from fct_incomplete_sessions order by 1") == [
        ("c2", "suspense", "stop", 29, 1, Decimal("0.000")),
        ("c3", "incomplete", "stop", 1, 1, Decimal("0.000")),
    ]
    waiting = "select right_count from fct_usage_reconciliation where result_type = 'pending'"
    assert rows(snapshot, waiting) == [(1,)], "what billing rated of c2 waits, it was not invented"


def test_a_late_part_changes_its_day_only(folder: Path, snapshot: Snapshot) -> None:
    query = "select * from fct_usage_reconciliation order by all"
    before = rows(snapshot, query)
    (folder / "landing" / "sip_3.csv").write_text(LATE)
    after = run(folder)
    changed = set(rows(after, query)) ^ set(before)
    assert {(str(row[0]), row[2], row[3], int(row[5])) for row in changed} == {
        ("2026-06-29", "left_only", 1, 600)
    }, "billing never rated this call of ten minutes"
    assert rows(after, "select session_id from fct_incomplete_sessions") == [("c2",)]
    ((source, line),) = rows(
        after,
        "select left_source_file, left_source_row from fct_finding_details"
        " where left_feed = 'network_usage'",
    )
    assert (source, line) == ("sip_2.csv", 3), "the finding leads to the line that began the call"
