from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from dagster_project.lib.snapshot import (
    commit,
    current_id,
    list_snapshots,
    open_snapshot,
    stage,
    verify,
)
from dagster_project.lib.warehouse import TableSpec

from .conftest import FINDINGS, Publish, made_from


def test_equal_content_is_the_same_snapshot(
    publish: Publish, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    first = publish()
    before = {path: path.read_bytes() for path in (tmp_path / "published").rglob("*.*")}
    # the same rows, stored in another order
    warehouse.execute("create or replace table fct_findings as from fct_findings order by all desc")
    assert publish() == first
    assert {path: path.read_bytes() for path in (tmp_path / "published").rglob("*.*")} == before


@pytest.mark.parametrize(
    "changes",
    [
        {"inputs": {"mediation__network_usage": ["bb"]}},
        {"parameters": {"late_cycle_count": 2}},
        {"code_revision": "c2"},
        {"period_from": "2026-06-01"},
    ],
)
def test_other_provenance_is_another_snapshot(publish: Publish, changes: dict[str, object]) -> None:
    assert publish().snapshot_id != publish(**changes).snapshot_id


def test_the_manifest_says_what_is_there(publish: Publish, tmp_path: Path) -> None:
    manifest = publish()
    text = json.loads((tmp_path / "published" / manifest.snapshot_id / "manifest.json").read_text())
    table = text["tables"]["fct_findings"]
    assert (table["rows"], table["key"]) == (3, ["finding_id"])
    assert table["control_totals"] == {
        "EUR": {"over_amount": "0.000000", "under_amount": "3.750000"},
        "USD": {"over_amount": "4.000000", "under_amount": "0.000000"},
    }
    assert text["inputs"] == {"mediation__network_usage": ["aa"]}
    assert all(check.is_intact for check in verify(tmp_path))


def test_nothing_is_published_before_it_is_committed(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    stage(warehouse, [FINDINGS], tmp_path, "run")
    assert current_id(tmp_path) is None
    assert list_snapshots(tmp_path) == []


def test_what_a_killed_run_left_is_cleared(
    publish: Publish, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    stage(warehouse, [FINDINGS], tmp_path, "killed")
    publish()
    assert not list((tmp_path / "published").glob("_tmp-*"))


def test_a_failing_table_leaves_the_old_snapshot(
    publish: Publish, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    manifest = publish()
    with pytest.raises(duckdb.CatalogException):
        stage(warehouse, [FINDINGS, TableSpec("gone", "gone")], tmp_path, "run")
    assert open_snapshot(tmp_path).snapshot_id == manifest.snapshot_id


def test_a_damaged_snapshot_is_written_again(publish: Publish, tmp_path: Path) -> None:
    manifest = publish()
    open_snapshot(tmp_path).table("fct_findings").write_bytes(b"rot")
    assert publish() == manifest
    assert all(check.is_intact for check in verify(tmp_path))


def test_tables_without_key_are_ordered_by_all_columns(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    hashes = set()
    for order in ("asc", "desc"):
        warehouse.execute(f"create or replace table t as from fct_findings order by all {order}")
        folder = stage(warehouse, [TableSpec("t", "t")], tmp_path, order)
        hashes.add(commit(tmp_path, folder, made_from())[0].tables["t"].sha256)
    assert len(hashes) == 1
