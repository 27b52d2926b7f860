"""Reads the published snapshot. Resolve it once per request: then no answer mixes two of them."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.lib.errors import DataError
from dagster_project.lib.snapshot.manifest import Manifest, read_manifest
from dagster_project.lib.snapshot.publish import PUBLISHED, current_id, literal, quote

if TYPE_CHECKING:
    import pyarrow as pa

OPENING_TRIES = 5


@dataclass(frozen=True)
class Snapshot:
    """One immutable snapshot: its folder and manifest, and queries over its tables."""

    folder: Path
    manifest: Manifest

    @property
    def snapshot_id(self) -> str:
        """The id, as in CURRENT."""
        return self.manifest.snapshot_id

    def table(self, name: str) -> Path:
        """The Parquet file of a table.

        Raises: DataError, naming the tables there are.
        """
        if name not in self.manifest.tables:
            raise DataError(
                "TIE-3011",
                f"the snapshot has no table {name}",
                where=f"snapshot {self.snapshot_id}",
                effect="nothing was read",
                fix="its tables are: " + ", ".join(sorted(self.manifest.tables)),
            )
        return self.folder / f"{name}.parquet"

    def query(self, sql: str, params: Sequence[Any] | Mapping[str, Any] | None = None) -> pa.Table:
        """Run SQL over the tables of this snapshot, each by its name; values go into `params`.

        Returns: an Arrow table; amounts stay exact decimals.
        """
        cursor = _connect(self.folder, tuple(sorted(self.manifest.tables))).cursor()
        return cursor.sql(sql, params=params).to_arrow_table()

    def rows(
        self, sql: str, params: Sequence[Any] | Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """The same as `query`, as plain dictionaries; for small answers."""
        found: list[dict[str, Any]] = self.query(sql, params).to_pylist()
        return found


def open_snapshot(home: Path, snapshot_id: str | None = None) -> Snapshot:
    """The snapshot that CURRENT names (resolved once), or the one asked for.

    Raises: DataError when nothing is published yet or there is no such snapshot.
    """
    for _ in range(OPENING_TRIES):
        wanted = snapshot_id or current_id(home)
        if wanted is None:
            raise _nothing_published(home)
        folder = home / PUBLISHED / wanted
        try:
            return Snapshot(folder, read_manifest(folder))
        except (FileNotFoundError, NotADirectoryError):
            # CURRENT moved on and the folder was pruned between the two reads: look again
            continue
    raise _no_such_snapshot(home, snapshot_id or current_id(home) or "")


@functools.lru_cache(maxsize=4)
def _connect(folder: Path, tables: tuple[str, ...]) -> duckdb.DuckDBPyConnection:
    """One in-memory connection per snapshot; its views stay right for a snapshot never changes."""
    connection = duckdb.connect()
    for name in tables:
        path = folder / f"{name}.parquet"
        connection.execute(
            f"create view {quote(name)} as select * from read_parquet({literal(path)})"  # noqa: S608
        )
    return connection


def _nothing_published(home: Path) -> DataError:
    return DataError(
        "TIE-3012",
        "nothing is published yet",
        where=str(home / PUBLISHED),
        effect="there is nothing to read",
        fix="run `tieout demo`, or `tieout run --period YYYY-MM` in your project",
    )


def _no_such_snapshot(home: Path, snapshot_id: str) -> DataError:
    return DataError(
        "TIE-3013",
        f"there is no snapshot {snapshot_id}",
        where=str(home / PUBLISHED),
        effect="nothing was read or changed",
        fix="`tieout snapshot list` shows the ids",
    )
