"""Sessions of any shape, records doubled and spread over files in any order, against Python."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import Demo

COLUMNS = """network_record_id varchar, session_id varchar, part_type_code varchar,
    usage_file_name varchar, ne_id varchar, service_id varchar, service_code varchar,
    call_type_code varchar, other_party_number varchar, other_party_number_head bigint,
    started_at timestamp, quantity decimal(18, 3), unit_code varchar, event_on date,
    _record_key bigint, _source_file varchar, _source_row bigint, _file_hash varchar"""
BEGINNING = datetime(2026, 6, 10)  # noqa: DTZ001 - raw timestamps are UTC without saying so
LAST_DAY = date(2026, 6, 30)

gaps = st.lists(st.integers(1, 200_000), min_size=1, max_size=5)
counts = st.lists(st.integers(0, 5000), min_size=1, max_size=5)
sessions = st.one_of(
    st.tuples(st.just("call"), gaps, st.sampled_from(["both", "start", "stop"])),
    st.tuples(st.just("counter"), counts, st.booleans()),
    st.tuples(st.just("pieces"), counts, st.booleans()),
    st.tuples(st.just("legs"), counts, st.booleans()),
)
Part = tuple[str, int, int]


def parts_of(session: tuple[Any, ...]) -> list[Part]:
    """Type, second and quantity of each record of a session."""
    kind, values, more = session
    if kind == "call":
        both = [("start", 0, 0), ("stop", values[0], 0)]
        return {"both": both, "start": both[:1], "stop": both[1:]}[more]
    if kind == "counter":
        last: list[Part] = [("stop", 60 * len(values), max(values) + 1)] if more else []
        return [("interim", 60 * no, value) for no, value in enumerate(values)] + last
    if kind == "pieces":
        leg: list[Part] = [("leg", 1, sum(values))] if more else []
        return [("partial", 60 * no, value) for no, value in enumerate(values)] + leg
    return [("leg", no, value) for no, value in enumerate(values)]


def expected(session: tuple[Any, ...]) -> int:
    """What a session counts."""
    kind, values, more = session
    if kind == "call":
        return int(values[0]) if more == "both" else 0
    if kind == "counter":
        readings = [*values, max(values) + 1] if more else list(values)
        before, total = 0, 0
        for reading in readings:
            total += reading - before if reading >= before else reading
            before = reading
        # A stop says its count when it is not nothing; an interim of nothing adds nothing.
        return total
    return int(sum(values)) if kind == "pieces" else int(values[0])


@pytest.fixture(scope="module")
def assembled(demo: Demo) -> Iterator[Any]:
    """A function that runs the compiled model over some records."""
    folder = demo.home / "dbt" / "target" / "compiled"
    (path,) = folder.rglob("int_usage__session_parts.sql")
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("ATTACH ':memory:' AS tieout; USE tieout")
    connection.execute("CREATE TABLE stg_tieout__landed_files (feed varchar, status varchar,"
                       " last_event_on date)")  # fmt: skip
    connection.execute("INSERT INTO stg_tieout__landed_files VALUES"
                       " ('network_usage', 'loaded', ?)", [LAST_DAY])  # fmt: skip
    yield lambda records: _run(connection, path, records)
    connection.close()


def _run(connection: duckdb.DuckDBPyConnection, path: Path, records: list[Any]) -> list[Any]:
    connection.execute(f"CREATE OR REPLACE TABLE stg_mediation__network_usage ({COLUMNS})")
    names = "network_record_id, session_id, part_type_code, started_at, quantity, event_on,"
    connection.executemany(
        f"INSERT INTO stg_mediation__network_usage ({names} _source_row, _file_hash, unit_code)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'second')",
        records,
    )
    model = path.read_text(encoding="utf-8")
    query = "SELECT session_id, assembly_state, sum(counted_quantity)::INT, count(*)"
    return connection.execute(f"{query} FROM ({model}) GROUP BY ALL ORDER BY ALL").fetchall()


def shuffled(found: list[tuple[Any, ...]], seed: int) -> list[Any]:
    """Deliver the parts of sessions in files of any order, some records twice."""
    chance = random.Random(seed)  # noqa: S311
    records = [
        (f"{no}-{part}", f"s{no}", kind, BEGINNING + timedelta(seconds=second), quantity)
        for no, session in enumerate(found)
        for part, (kind, second, quantity) in enumerate(parts_of(session))
    ]
    records += [one for one in records if chance.random() < 0.2]
    chance.shuffle(records)
    return [
        (*one, one[3].date(), row, f"f{chance.randrange(4)}") for row, one in enumerate(records)
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(sessions, min_size=1, max_size=6), st.integers(0, 99), st.integers(0, 99))
def test_any_order_counts_the_same_and_loses_no_record(
    assembled: Any, found: list[tuple[Any, ...]], one: int, other: int
) -> None:
    records = shuffled(found, one)
    rows = assembled(records)
    counted = {row[0]: row[2] for row in rows if row[1] == "counted"}
    assert {f"s{no}": expected(session) for no, session in enumerate(found)} == {
        f"s{no}": counted.get(f"s{no}", 0) for no in range(len(found))
    }
    assert sum(row[3] for row in rows) == len(records)
    again = {row[0]: row[2] for row in assembled(shuffled(found, other)) if row[1] == "counted"}
    assert again == counted
