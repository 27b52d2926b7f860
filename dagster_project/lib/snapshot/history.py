"""Looks over all snapshots: list, verify, roll back, prune."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from dagster_project.lib.errors import DataError, UsageError
from dagster_project.lib.snapshot.manifest import MANIFEST_NAME, Manifest, read_manifest
from dagster_project.lib.snapshot.publish import (
    PUBLISHED,
    TEMPORARY,
    current_id,
    describe,
    point_current,
)
from dagster_project.lib.snapshot.read import open_snapshot


@dataclass(frozen=True)
class SnapshotSummary:
    """One line of the list; `written_at` is when its folder was made."""

    snapshot_id: str
    is_current: bool
    written_at: datetime
    manifest: Manifest


@dataclass(frozen=True)
class TableCheck:
    """Whether one table still is what its manifest says."""

    table_name: str
    is_intact: bool
    reason: str


def list_snapshots(home: Path) -> list[SnapshotSummary]:
    """Every snapshot, newest first."""
    named = current_id(home)
    found = []
    for path in (home / PUBLISHED).glob(f"*/{MANIFEST_NAME}"):
        if path.parent.name.startswith(TEMPORARY):
            continue
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        is_current = path.parent.name == named
        found.append(
            SnapshotSummary(path.parent.name, is_current, written_at, read_manifest(path.parent))
        )
    return sorted(found, key=lambda one: (one.written_at, one.snapshot_id), reverse=True)


def verify(home: Path, snapshot_id: str | None = None) -> list[TableCheck]:
    """Hash and count every table of a snapshot again."""
    snapshot = open_snapshot(home, snapshot_id)
    return [
        _verify_table(snapshot.folder, name, snapshot.manifest)
        for name in sorted(snapshot.manifest.tables)
    ]


def rollback(home: Path, snapshot_id: str | None = None) -> Manifest:
    """Make CURRENT name an older snapshot: the one given, else the newest before the current one.

    Raises: UsageError when there is none to go back to; DataError when it is damaged.
    """
    target = snapshot_id or _previous(home)
    manifest = open_snapshot(home, target).manifest
    broken = [check for check in verify(home, target) if not check.is_intact]
    if broken:
        raise DataError(
            "TIE-3014",
            f"snapshot {target} is damaged",
            where="; ".join(f"{check.table_name}: {check.reason}" for check in broken),
            effect="CURRENT was left as it is",
            fix="roll back to another one (`tieout snapshot list`)",
        )
    point_current(home, target)
    return manifest


def prune(home: Path, keep: int) -> list[str]:
    """Remove all but the newest `keep` snapshots; never the current one.

    Returns: the ids that were removed.
    """
    if keep < 1:
        raise UsageError(
            "TIE-2023",
            f"cannot keep {keep} snapshots",
            where="--keep",
            effect="nothing was removed",
            fix="keep 1 or more",
        )
    goners = [one.snapshot_id for one in list_snapshots(home)[keep:] if not one.is_current]
    for snapshot_id in goners:
        aside = home / PUBLISHED / f"{TEMPORARY}pruned-{snapshot_id}"
        (home / PUBLISHED / snapshot_id).rename(aside)
        shutil.rmtree(aside)
    return goners


def _previous(home: Path) -> str:
    ids = [one.snapshot_id for one in list_snapshots(home)]
    named = current_id(home)
    older = ids[ids.index(named) + 1 :] if named in ids else ids
    if not older:
        raise UsageError(
            "TIE-2024",
            "there is no older snapshot",
            where=str(home / PUBLISHED),
            effect="CURRENT was left as it is",
            fix="`tieout snapshot list` shows what is there",
        )
    return older[0]


def _verify_table(folder: Path, name: str, manifest: Manifest) -> TableCheck:
    expected = manifest.tables[name]
    if not (folder / f"{name}.parquet").is_file():
        return TableCheck(name, False, "the file is missing")
    try:
        found = describe(folder, name, expected.key)
    except (duckdb.Error, OSError) as error:
        return TableCheck(name, False, f"the file cannot be read: {str(error).splitlines()[0]}")
    if found.sha256 != expected.sha256:
        return TableCheck(name, False, f"sha256 is {found.sha256}, not {expected.sha256}")
    if found.rows != expected.rows:
        return TableCheck(name, False, f"{found.rows} rows, not {expected.rows}")
    return TableCheck(name, True, "")
