"""The second engine: the same models on Spark give the same published rows, one by one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project.lib.periods import Months
from dagster_project.resources.settings import Settings
from dagster_project.resources.workspace import Workspace
from ingestion.simulator import simulate

pytestmark = pytest.mark.spark
MONTHS = Months(date(2026, 5, 1), date(2026, 6, 1))
Rows = list[tuple[object, ...]]


def _workspace(home: Path, engine: str) -> Workspace:
    project = home / "demo"
    return Workspace(
        Settings.model_validate(
            {"home": home, "project": project, "engine": engine, "threads": os.cpu_count() or 1}
        ),
        project,
    )


def _build(workspace: Workspace) -> None:
    workspace.ingest()
    results = workspace.build(MONTHS, with_tests=False)
    failed = [f"{one.name}: {one.message}" for one in results if not one.is_done]
    assert not failed, "\n".join(failed)


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Workspace]]:
    """One landed operator, built by both engines."""
    home = tmp_path_factory.mktemp("two_engines")
    simulate(home / "demo", size="xs", seed=11, months=2)
    on_duckdb, on_spark = _workspace(home, "duckdb"), _workspace(home, "spark")
    _build(on_duckdb)
    _build(on_spark)
    yield on_duckdb, on_spark
    on_spark.warehouse.release()


def _rows(connection: duckdb.DuckDBPyConnection, relation: str, types: dict[str, str]) -> Rows:
    columns = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in types.items())
    return connection.execute(f"select {columns} from {relation} order by all").fetchall()


def test_every_published_table_is_the_same_on_both_engines(
    engines: tuple[Workspace, Workspace],
) -> None:
    """Row by row and to the last decimal; findings there must be, or nothing was compared."""
    on_duckdb, on_spark = engines
    differing, counted = [], {}
    published = on_duckdb.dbt.read_manifest().published()
    with on_duckdb.warehouse.reading() as left, on_spark.warehouse.reading() as right:
        for table in published:
            described = left.execute(f'describe main."{table.name}"').fetchall()
            types = {row[0]: row[1] for row in described}
            expected = _rows(left, f'main."{table.name}"', types)
            found = _rows(right, f'tieout."{table.name}"', types)
            counted[table.name] = len(expected)
            only_left = [row for row in expected if row not in set(found)][:2]
            only_right = [row for row in found if row not in set(expected)][:2]
            if expected != found:
                differing.append(f"{table.name}: DuckDB {only_left}, Spark {only_right}")
    assert not differing, "\n".join(differing)
    assert counted["fct_findings"] > 20, counted
    assert counted["fct_bridge"] > 500, counted
