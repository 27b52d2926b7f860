"""The published snapshot: immutable Parquet tables that readers and writers never fight over."""

from dagster_project.lib.snapshot.diff import SnapshotDiff, TableDiff, diff
from dagster_project.lib.snapshot.history import (
    SnapshotSummary,
    TableCheck,
    list_snapshots,
    prune,
    rollback,
    verify,
)
from dagster_project.lib.snapshot.manifest import Manifest, Provenance, TableInfo, hash_file
from dagster_project.lib.snapshot.publish import (
    commit,
    current_id,
    stage,
    stage_extra,
    staged_folder,
)
from dagster_project.lib.snapshot.read import Snapshot, open_snapshot

__all__ = [
    "Manifest",
    "Provenance",
    "Snapshot",
    "SnapshotDiff",
    "SnapshotSummary",
    "TableCheck",
    "TableDiff",
    "TableInfo",
    "commit",
    "current_id",
    "diff",
    "hash_file",
    "list_snapshots",
    "open_snapshot",
    "prune",
    "rollback",
    "stage",
    "stage_extra",
    "staged_folder",
    "verify",
]
