"""What changed between two snapshots, in rows and in money.

`run_id` names the run and not the fact, so it is left out: a late file changes only its own rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.lib.snapshot.publish import literal, quote
from dagster_project.lib.snapshot.read import Snapshot, open_snapshot

IGNORED = frozenset({"run_id"})
FINDINGS = "fct_findings"


@dataclass(frozen=True)
class TableDiff:
    """Rows of one table that only one side has, or that both have with different values."""

    table_name: str
    rows_before: int
    rows_after: int
    added: int
    removed: int
    changed: int


@dataclass(frozen=True)
class SnapshotDiff:
    """All tables of two snapshots, and the findings per control and currency before and after."""

    before: str
    after: str
    tables: list[TableDiff]
    findings: list[dict[str, Any]]


def diff(home: Path, before: str, after: str) -> SnapshotDiff:
    """Compare two snapshots, table by table, by key."""
    left, right = open_snapshot(home, before), open_snapshot(home, after)
    names = sorted({*left.manifest.tables, *right.manifest.tables})
    tables = [_diff_table(left, right, name) for name in names]
    return SnapshotDiff(before, after, tables, _diff_findings(left, right))


def _diff_table(left: Snapshot, right: Snapshot, name: str) -> TableDiff:
    before, after = left.manifest.tables.get(name), right.manifest.tables.get(name)
    if before is None:
        rows = after.rows if after else 0
        return TableDiff(name, 0, rows, rows, 0, 0)
    if after is None:
        return TableDiff(name, before.rows, 0, 0, before.rows, 0)
    if before.sha256 == after.sha256:
        return TableDiff(name, before.rows, after.rows, 0, 0, 0)
    added, removed, changed = _count(left.table(name), right.table(name), after.key)
    return TableDiff(name, before.rows, after.rows, added, removed, changed)


def _count(before: Path, after: Path, key: tuple[str, ...]) -> tuple[int, int, int]:
    with duckdb.connect() as connection:
        connection.execute(f"create view a as from read_parquet({literal(before)})")
        connection.execute(f"create view b as from read_parquet({literal(after)})")
        shared = _shared_columns(connection)
        if not key or not set(key) <= set(shared):
            return _count_without_key(connection, shared)
        on = " and ".join(f"a.{quote(c)} is not distinct from b.{quote(c)}" for c in key)
        rest = [quote(column) for column in shared if column not in key] or ["1"]
        left, right = (
            f"(select *, true as is_here, row({', '.join(rest)}) as rest from {side})"  # noqa: S608
            for side in "ab"
        )
        counted = connection.execute(
            "select count(*) filter (a.is_here is null), count(*) filter (b.is_here is null), "  # noqa: S608
            "count(*) filter (a.is_here and b.is_here and a.rest is distinct from b.rest) "
            f"from {left} a full join {right} b on {on}"
        ).fetchone()
    return (counted[0], counted[1], counted[2]) if counted else (0, 0, 0)


def _count_without_key(
    connection: duckdb.DuckDBPyConnection, shared: list[str]
) -> tuple[int, int, int]:
    columns = ", ".join(quote(column) for column in shared)
    counts = []
    for one, other in (("b", "a"), ("a", "b")):
        row = connection.execute(
            f"select count(*) from (select {columns} from {one} "  # noqa: S608
            f"except all select {columns} from {other})"
        ).fetchone()
        counts.append(row[0] if row else 0)
    return counts[0], counts[1], 0


def _shared_columns(connection: duckdb.DuckDBPyConnection) -> list[str]:
    after = {row[0] for row in connection.execute("describe b").fetchall()}
    before = [row[0] for row in connection.execute("describe a").fetchall()]
    return [column for column in before if column in after and column not in IGNORED]


def _diff_findings(left: Snapshot, right: Snapshot) -> list[dict[str, Any]]:
    """Findings and amounts per control and currency; only controls where something differs."""
    sides = [_sum_findings(side) for side in (left, right)]
    zero = {"count": 0, "under_amount": "0.000000", "over_amount": "0.000000"}
    rows = []
    for control_id, currency_code in sorted({*sides[0], *sides[1]}):
        before, after = (side.get((control_id, currency_code), zero) for side in sides)
        if before != after:
            rows.append(
                {
                    "control_id": control_id,
                    "currency_code": currency_code,
                    "before": before,
                    "after": after,
                }
            )
    return rows


def _sum_findings(snapshot: Snapshot) -> dict[tuple[str, str], dict[str, Any]]:
    if FINDINGS not in snapshot.manifest.tables:
        return {}
    rows = snapshot.rows(
        "select control_id, coalesce(currency_code, '') as currency_code, count(*) as n, "
        "coalesce(sum(under_amount), 0) as under_amount, "
        "coalesce(sum(over_amount), 0) as over_amount "
        "from fct_findings group by all"
    )
    return {
        (row["control_id"], row["currency_code"]): {
            "count": row["n"],
            "under_amount": str(row["under_amount"]),
            "over_amount": str(row["over_amount"]),
        }
        for row in rows
    }
