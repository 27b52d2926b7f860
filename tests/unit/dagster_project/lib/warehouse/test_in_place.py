"""How the project puts tables and views in place, on a throwaway project of one model."""

from __future__ import annotations

import shutil
from pathlib import Path

from dagster_project.lib.warehouse.dbt_runner import DbtRunner
from dagster_project.lib.warehouse.duckdb import DuckDBWarehouse

ROOT = Path(__file__).parents[5]
MACROS = ROOT / "dbt" / "macros" / "materializations" / "in_place.sql"
PROFILE = """
tieout:
  target: duckdb
  outputs:
    duckdb:
      type: duckdb
      path: "{{ env_var('DBT_TIEOUT_DATABASE') }}"
"""
PROJECT = """
name: tieout
version: "1.0"
profile: tieout
flags: {send_anonymous_usage_stats: false}
"""
Rows = list[tuple[object, ...]]


def _build(folder: Path, model: str) -> tuple[bool, Rows, Rows]:
    """Whether the model was built, what it holds, and every relation with its kind."""
    (folder / "models").mkdir(parents=True, exist_ok=True)
    (folder / "macros").mkdir(exist_ok=True)
    (folder / "dbt_project.yml").write_text(PROJECT)
    (folder / "profiles.yml").write_text(PROFILE)
    (folder / "models" / "one.sql").write_text(model)
    shutil.copy(MACROS, folder / "macros")
    warehouse = DuckDBWarehouse(folder / "home", 1)
    results = DbtRunner(folder, folder / "home", warehouse, 1).build({})
    with warehouse.reading() as connection:
        there = connection.execute(
            "select table_name, table_type from information_schema.tables"
            " where table_schema = 'main'"
        ).fetchall()
        held = connection.execute("from one").fetchall()
    return all(one.is_done for one in results), held, there


def test_a_model_that_fails_leaves_what_the_run_before_built(tmp_path: Path) -> None:
    table = "{{ config(materialized='table') }} select "
    assert _build(tmp_path, table + "1 as n") == (True, [(1,)], [("one", "BASE TABLE")])
    failed = _build(tmp_path, table + "error('stop') as n")
    assert failed == (False, [(1,)], [("one", "BASE TABLE")])
    assert _build(tmp_path, table + "2 as n") == (True, [(2,)], [("one", "BASE TABLE")])


def test_a_table_becomes_a_view_and_a_table_again(tmp_path: Path) -> None:
    kinds = {"table": "BASE TABLE", "view": "VIEW"}
    for number, kind in enumerate(("table", "view", "view", "table")):
        model = f"{{{{ config(materialized='{kind}') }}}} select {number} as n"
        assert _build(tmp_path, model) == (True, [(number,)], [("one", kinds[kind])])
