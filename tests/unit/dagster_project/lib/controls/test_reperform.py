from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.lib.controls.reperform import compose, run_again, write_lineage
from dagster_project.lib.errors import DataError
from dagster_project.lib.warehouse.manifest import DbtManifest

FEED = "mediation__network_usage"
CODE = "codes"


def _node(name: str, sql: str, needs: list[str], **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "resource_type": "model",
        "relation_name": f'"db"."main"."{name}"',
        "config": {"materialized": "table"},
        "depends_on": {"nodes": needs},
        "compiled_code": sql,
        **more,
    }


def _control(name: str, control_id: str, sql: str) -> dict[str, Any]:
    meta = {"materialized": "table", "meta": {"control_id": control_id}}
    return _node(name, sql, ["stg"], config=meta)


def _nodes(home: Path) -> dict[str, dict[str, Any]]:
    raw = f"read_parquet('{home}/raw/{FEED}/**/*.parquet', hive_partitioning = true)"
    union = 'select * from "db"."main"."ctl_a" union all select * from "db"."main"."ctl_b"'
    final = (
        'with ctl_all as (select * from "db"."main"."ctl_all") '
        'select c.*, k.title from ctl_all as c join "db"."main"."codes" as k using (control_id)'
    )
    return {
        "stg": _node("stg", f"select * from {raw}", []),
        "ctl_a": _control(
            "ctl_a", "USG-05",
            "select id as finding_id, 'USG-05' as control_id, amount as under_amount, "
            '(select count(*) from "db"."main"."stg") as n from "db"."main"."stg"',
        ),
        "ctl_b": _control(
            "ctl_b", "RAT-01",
            "select 'f9' as finding_id, 'RAT-01' as control_id, error('not asked') as under_amount,"
            ' 0 as n from "db"."main"."stg"',
        ),
        "all": _node("ctl_all", union, ["ctl_a", "ctl_b"]),
        "seed": _node(CODE, "", [], resource_type="seed"),
        "fct": _node("fct_findings", final, ["all", "seed"]),
    }  # fmt: skip


def _part(home: Path, name: str, finding_id: str) -> None:
    folder = home / "raw" / FEED
    folder.mkdir(parents=True, exist_ok=True)
    row = f"select '{finding_id}' as id, 1.25::decimal(18,6) as amount"
    duckdb.execute(f"copy ({row}) to '{folder / name}.parquet' (format parquet)")


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as db")
        connection.execute("use db")
        connection.execute(f"create or replace table {CODE} (control_id varchar, title varchar)")
        connection.execute(
            f"insert into {CODE} values ('USG-05', 'It''s lost'), ('RAT-01', null)"  # noqa: S608
        )
        yield connection


@pytest.fixture
def snapshot(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> Path:
    """A snapshot folder that was made when one part was landed."""
    _part(tmp_path, "aa", "f1")
    folder = tmp_path / "published" / "s1"
    folder.mkdir(parents=True)
    write_lineage(DbtManifest({"nodes": _nodes(tmp_path)}), warehouse, tmp_path, folder)
    return folder


PUBLISHED: dict[str, Any] = {
    "finding_id": "f1", "control_id": "USG-05", "n": 1, "title": "It's lost",
}  # fmt: skip


def test_one_statement_returns_the_row_again(tmp_path: Path, snapshot: Path) -> None:
    sql = compose(snapshot, tmp_path, {FEED: ["aa"]}, "USG-05", "f1")
    result = run_again(sql, PUBLISHED)
    assert result.is_equal
    assert result.again
    assert str(result.again["under_amount"]) == "1.250000"


def test_parts_that_were_landed_later_are_left_out(tmp_path: Path, snapshot: Path) -> None:
    _part(tmp_path, "bb", "f2")
    sql = compose(snapshot, tmp_path, {FEED: ["aa"]}, "USG-05", "f1")
    assert run_again(sql, PUBLISHED).is_equal


def test_another_value_is_named(tmp_path: Path, snapshot: Path) -> None:
    sql = compose(snapshot, tmp_path, {FEED: ["aa"]}, "USG-05", "f1")
    result = run_again(sql, {**PUBLISHED, "title": "other"})
    assert (result.is_equal, result.differing) == (False, ["title"])


def test_a_row_that_does_not_come_again_is_told(tmp_path: Path, snapshot: Path) -> None:
    sql = compose(snapshot, tmp_path, {FEED: ["aa"]}, "USG-05", "o'f2")
    assert run_again(sql, PUBLISHED).again is None


def test_a_part_that_is_gone_is_named(tmp_path: Path, snapshot: Path) -> None:
    (tmp_path / "raw" / FEED / "aa.parquet").unlink()
    with pytest.raises(DataError, match="1 raw parts") as raised:
        compose(snapshot, tmp_path, {FEED: ["aa"]}, "USG-05", "f1")
    assert FEED in raised.value.where


def test_a_control_that_the_snapshot_does_not_know_is_told(tmp_path: Path, snapshot: Path) -> None:
    with pytest.raises(DataError, match="control USG-99 is not kept"):
        compose(snapshot, tmp_path, {}, "USG-99", "f1")


def test_the_kept_sql_names_no_place(tmp_path: Path, snapshot: Path) -> None:
    assert str(tmp_path) not in (snapshot / "lineage.json").read_text()
