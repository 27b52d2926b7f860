"""A throwaway project of two models; the real one is built in tests/integration."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dagster_project.lib.errors import DataError, LockedError
from dagster_project.lib.warehouse.dbt_runner import DbtRunner, NodeResult, raise_first_failure
from dagster_project.lib.warehouse.duckdb import DuckDBWarehouse

PROFILE = """
toy:
  target: duckdb
  outputs:
    duckdb:
      type: duckdb
      path: "{{ env_var('DBT_TIEOUT_DATABASE') }}"
      threads: "{{ env_var('DBT_TIEOUT_THREADS') | as_number }}"
"""
PROJECT = """
name: toy
version: "1.0"
profile: toy
flags: {send_anonymous_usage_stats: false}
vars: {month: none}
"""
TESTS = """
models:
  - name: upper
    columns: [{name: id, data_tests: [unique]}]
"""
SOURCES = """
sources:
  - name: raw
    config:
      meta:
        home: "{{ env_var('DBT_TIEOUT_HOME', '.tieout') }}"
        external_location: read_csv('{home}/{identifier}.csv')
    tables: [{name: landed}]
"""
Make = Callable[[str], DbtRunner]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def make(tmp_path: Path, home: Path) -> Make:
    """A runner on a project whose upper model is the given SQL."""

    def make_runner(upper: str) -> DbtRunner:
        project = tmp_path / "project"
        (project / "models").mkdir(parents=True, exist_ok=True)
        (project / "dbt_project.yml").write_text(PROJECT)
        (project / "profiles.yml").write_text(PROFILE)
        lower = "select 1 as id, '{{ var(\"month\") }}' as month_text"
        (project / "models" / "lower_one.sql").write_text(lower)
        (project / "models" / "upper.sql").write_text(upper)
        (project / "models" / "upper.yml").write_text(TESTS)
        return DbtRunner(project, home, DuckDBWarehouse(home, 1), 1)

    return make_runner


def test_a_build_takes_its_variables_and_releases_the_warehouse(make: Make, home: Path) -> None:
    runner = make("{{ config(materialized='table') }} select * from {{ ref('lower_one') }}")
    heard: list[tuple[str, str]] = []
    for month in ("2026-06", "2026-07"):
        results = runner.build({"month": month}, on_event=lambda *event: heard.append(event))
        raise_first_failure(results, runner.log_path)
        with DuckDBWarehouse(home, 1).reading() as connection:
            assert connection.execute("select month_text from upper").fetchall() == [(month,)]
    assert ("upper", "success") in heard
    compiled = runner.read_manifest().compiled()
    assert all(model.sql for model in compiled.values())


def test_a_broken_model_is_named(make: Make) -> None:
    runner = make("select missing_column from {{ ref('lower_one') }}")
    results = runner.build({})
    with pytest.raises(DataError, match="the model upper cannot be built") as raised:
        raise_first_failure(results, runner.log_path)
    assert "missing_column" in raised.value.where


def test_a_failed_test_is_named_with_its_rows(make: Make) -> None:
    runner = make("select id from {{ ref('lower_one') }} union all select 1")
    results = runner.build({})
    with pytest.raises(DataError, match="unique_upper_id failed on 1 rows"):
        raise_first_failure(results, runner.log_path)


def test_a_project_that_cannot_be_parsed_is_told(make: Make) -> None:
    with pytest.raises(DataError, match="the models cannot be built") as raised:
        make("select * from {{ ref('nowhere') }}").build({})
    assert "nowhere" in raised.value.where


def test_another_home_parses_nothing_again_and_reads_its_own_files(
    make: Make, tmp_path: Path
) -> None:
    make("select 1 as id union all select id from {{ source('raw', 'landed') }}")
    project = tmp_path / "project"
    (project / "models" / "sources.yml").write_text(SOURCES)
    DbtRunner(project, tmp_path / "first", DuckDBWarehouse(tmp_path, 1), 1, project).parse()
    for number in ("2", "3"):
        home = tmp_path / f"home{number}"
        home.mkdir()
        (home / "landed.csv").write_text(f"id\n{number}\n")
        warehouse = DuckDBWarehouse(home, 1)
        runner = DbtRunner(project, home, warehouse, 1)
        raise_first_failure(runner.build({}), runner.log_path)
        parsed = json.loads((home / "dbt" / "target" / "perf_info.json").read_text())
        assert parsed["parsed_path_count"] == 0
        with warehouse.reading() as connection:
            assert connection.execute("from upper order by id").fetchall() == [(1,), (int(number),)]


def test_a_warehouse_that_another_program_has_open_is_told(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path, 1)
    duckdb.connect(warehouse.database).close()
    program = "import duckdb, sys; it = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    other = subprocess.Popen(
        [sys.executable, "-c", program, warehouse.database],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert other.stdout
        other.stdout.readline()
        with pytest.raises(LockedError), warehouse.reading():
            pass
    finally:
        other.kill()
        other.communicate()


def test_a_broken_model_comes_before_a_failed_test() -> None:
    failed = [
        NodeResult("t", "a_test", "test", "fail", "", 0.1, 7),
        NodeResult("m", "a_model", "model", "error", "no such column", 0.1, 0),
        NodeResult("s", "skipped", "model", "skipped", "", 0.0, 0),
    ]
    with pytest.raises(DataError, match=r"model a_model cannot be built \(and 1 more\)"):
        raise_first_failure(failed, Path("dbt.log"))
    raise_first_failure(failed[2:], Path("dbt.log"))
