from __future__ import annotations

import os
from pathlib import Path

import pytest

from dagster_project.lib.errors import DataError, UsageError
from dagster_project.lib.snapshot import (
    current_id,
    list_snapshots,
    open_snapshot,
    prune,
    rollback,
    verify,
)

from .conftest import Publish


@pytest.fixture
def ids(publish: Publish, tmp_path: Path) -> list[str]:
    """Three snapshots, oldest first; files are a second apart, as runs are."""
    made = []
    for second, revision in enumerate(("c1", "c2", "c3")):
        made.append(publish(code_revision=revision).snapshot_id)
        os.utime(tmp_path / "published" / made[-1] / "manifest.json", (second, second))
    return made


def test_the_newest_comes_first(ids: list[str], tmp_path: Path) -> None:
    listed = list_snapshots(tmp_path)
    assert [one.snapshot_id for one in listed] == ids[::-1]
    assert [one.is_current for one in listed] == [True, False, False]


def test_rolling_back_goes_to_the_one_before(ids: list[str], tmp_path: Path) -> None:
    assert rollback(tmp_path).snapshot_id == ids[1]
    assert rollback(tmp_path).snapshot_id == ids[0]
    with pytest.raises(UsageError, match="no older snapshot"):
        rollback(tmp_path)
    assert rollback(tmp_path, ids[2]).snapshot_id == ids[2] == current_id(tmp_path)


def test_a_damaged_snapshot_is_not_rolled_back_to(ids: list[str], tmp_path: Path) -> None:
    open_snapshot(tmp_path, ids[0]).table("fct_findings").unlink()
    with pytest.raises(DataError, match="is damaged"):
        rollback(tmp_path, ids[0])
    assert current_id(tmp_path) == ids[2]


def test_every_kind_of_damage_is_told(ids: list[str], tmp_path: Path) -> None:
    path = open_snapshot(tmp_path).table("fct_findings")
    other = open_snapshot(tmp_path).table("expectation_results")
    path.write_bytes(other.read_bytes())
    other.write_bytes(b"no parquet")
    reasons = {check.table_name: check.reason for check in verify(tmp_path)}
    assert reasons["fct_findings"].startswith("sha256 is")
    assert reasons["expectation_results"].startswith("the file cannot be read")
    other.unlink()
    assert verify(tmp_path)[0].reason == "the file is missing"


def test_pruning_keeps_the_newest_and_the_current_one(ids: list[str], tmp_path: Path) -> None:
    rollback(tmp_path, ids[0])
    assert prune(tmp_path, 1) == [ids[1]]
    assert {one.snapshot_id for one in list_snapshots(tmp_path)} == {ids[0], ids[2]}
    with pytest.raises(UsageError, match="keep 0"):
        prune(tmp_path, 0)
