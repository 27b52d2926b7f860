"""Tieout's own models, built by dbt once and then run again as the statements they compile to.

The statements are timed without dbt's start, which is the same for any number of records; it is
measured by itself.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

from dagster_project.lib.warehouse.dbt_runner import DbtRunner, raise_first_failure
from dagster_project.lib.warehouse.duckdb import DuckDBWarehouse
from tests.benchmarks.inputs import DAYS, MONTH
from tests.benchmarks.measure import ROOT

THREADS = 2
BATCH_ROWS = 500_000
WINDOW = re.compile(r"cast\('[\d-]+' as date /\* (from|to) \*/\)")
STATEMENTS = "statements.json"
SLICE = re.compile(r"\(1 = 1 /\* slice by ([\w.]+) \*/\)")
# the clock of this zone is UTC_OFFSET_HOURS ahead all month
VARIABLES = {
    "period_from": MONTH.isoformat(),
    "period_through": MONTH.isoformat(),
    "time_zone": "Europe/Berlin",
}


class Statement(NamedTuple):
    """What one model compiles to."""

    name: str
    sql: str
    materialized: str
    unit: str


def build(folder: Path, models: Sequence[str], *, upstream: bool = True) -> Path:
    """Build models (and what they read) with dbt, as a run does; the path of the manifest."""
    warehouse = DuckDBWarehouse(folder, THREADS)
    runner = DbtRunner(ROOT / "dbt", folder, warehouse, THREADS)
    mark = "+" if upstream else ""
    results = runner.build(VARIABLES, select=[f"{mark}{name}" for name in models])
    raise_first_failure(results, runner.log_path)
    return runner.manifest_path


def keep_statements(folder: Path, manifest_path: Path, models: Sequence[str]) -> None:
    """Keep what the models compiled to: the next build overwrites dbt's manifest."""
    nodes = json.loads(manifest_path.read_text(encoding="utf-8"))["nodes"].values()
    kept = {
        node["name"]: {
            "sql": node["compiled_code"],
            "relation": node["relation_name"],
            "materialized": node["config"]["materialized"],
            "unit": node["config"].get("unit", "day"),
        }
        for node in nodes
        if node["name"] in models and node.get("compiled_code")
    }
    (folder / STATEMENTS).write_text(json.dumps(kept), encoding="utf-8")


def warehouse_path(folder: Path) -> Path:
    """The file that `build` made."""
    return DuckDBWarehouse(folder, THREADS).path


def open_warehouse(folder: Path) -> duckdb.DuckDBPyConnection:
    """The warehouse that `build` made, with a schema of our own for what is timed."""
    connection = duckdb.connect(str(warehouse_path(folder)))
    connection.execute(f"set threads = {THREADS}")
    connection.execute("set preserve_insertion_order = false")
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("drop schema if exists bench cascade")
    connection.execute("create schema bench")
    return connection


def load_statements(folder: Path, models: Sequence[str]) -> list[Statement]:
    """Compiled statements of the models, reading each other from the schema `bench`."""
    kept = json.loads((folder / STATEMENTS).read_text(encoding="utf-8"))
    found = []
    for name in models:
        sql = kept[name]["sql"]
        for other in models:
            sql = sql.replace(kept[other]["relation"], f"bench.{other}")
        found.append(Statement(name, sql, kept[name]["materialized"], kept[name]["unit"]))
    return found


def run_statements(
    connection: duckdb.DuckDBPyConnection, statements: Sequence[Statement], records: int
) -> None:
    """Run each model as its materialization does: whole, or by batches of days."""
    for one in statements:
        if one.materialized != "by_period":
            kind = "view" if one.materialized == "view" else "table"
            connection.execute(f"create or replace {kind} bench.{one.name} as {one.sql}")
            continue
        none = WINDOW.sub(f"cast('{MONTH}' as date)", one.sql)
        connection.execute(f"create table bench.{one.name} as from ({none}) where false")
        for first, last in _batches(one.unit, records):
            for sql in slices(between(one.sql, first, last), 2 * records):
                connection.execute(f"insert into bench.{one.name} {sql}")


def between(sql: str, first: dt.date, last: dt.date) -> str:
    """The statement for the days from `first` up to, and without, `last`."""
    dates = {"from": first, "to": last}
    return WINDOW.sub(lambda found: f"cast('{dates[found[1]]}' as date)", sql)


def slices(sql: str, records: int) -> list[str]:
    """The statement in slices of about BATCH_ROWS records, where it can be cut by a column."""
    count = records // BATCH_ROWS + 1 if SLICE.search(sql) else 1
    return [SLICE.sub(rf"hash(\1) % {count} = {number}", sql) for number in range(count)]


def _batches(unit: str, records: int) -> list[tuple[dt.date, dt.date]]:
    """Days together while both sides hold at most BATCH_ROWS records, as by_period does."""
    days = DAYS if unit == "month" else max(1, min(DAYS, BATCH_ROWS // max(1, 2 * records // DAYS)))
    starts = range(0, DAYS, days)
    return [
        (MONTH + dt.timedelta(days=start), MONTH + dt.timedelta(days=min(DAYS, start + days)))
        for start in starts
    ]
