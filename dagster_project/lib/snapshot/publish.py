"""Writes a snapshot aside, then names it: a reader never sees half a month.

The order is: stage every table, let the published door look at the staged files, hash, rename the
folder to its id, and replace CURRENT in one atomic step. Whatever fails before the last step leaves
the old snapshot standing.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from dagster_project.lib.snapshot.manifest import (
    MANIFEST_NAME,
    Manifest,
    Provenance,
    TableInfo,
    hash_file,
    make_snapshot_id,
    read_manifest,
)
from dagster_project.lib.warehouse import TableSpec

if TYPE_CHECKING:
    import pyarrow as pa

PUBLISHED = "published"
CURRENT = "CURRENT"
TEMPORARY = "_tmp-"
SPECS_NAME = "_specs.json"
LINEAGE_NAME = "lineage.json"
# Fixed, because the bytes of a Parquet file depend on it.
ROW_GROUP_SIZE = 122_880


def quote(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """An SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def stage(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[TableSpec], home: Path, run_id: str
) -> Path:
    """Write every table, totally ordered, into a new folder beside the snapshots.

    Returns: the folder. What a killed run left behind is removed first.
    """
    published = home / PUBLISHED
    published.mkdir(parents=True, exist_ok=True)
    for leftover in published.glob(f"{TEMPORARY}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    folder = published / f"{TEMPORARY}{run_id}"
    folder.mkdir()
    for table in tables:
        _copy(connection, table.relation, table.key, folder / f"{table.name}.parquet")
    specs = {table.name: list(table.key) for table in tables}
    (folder / SPECS_NAME).write_text(json.dumps(specs, sort_keys=True), encoding="utf-8")
    return folder


def staged_folder(home: Path, run_id: str) -> Path:
    """Where `stage` puts the tables of a run."""
    return home / PUBLISHED / f"{TEMPORARY}{run_id}"


def stage_extra(folder: Path, name: str, table: pa.Table, key: Sequence[str] = ()) -> None:
    """Add a table that was not made in the warehouse (the results of the doors)."""
    with duckdb.connect() as connection:
        connection.register("extra", table)
        _copy(connection, "extra", tuple(key), folder / f"{name}.parquet")
    specs = json.loads((folder / SPECS_NAME).read_text(encoding="utf-8"))
    specs[name] = list(key)
    (folder / SPECS_NAME).write_text(json.dumps(specs, sort_keys=True), encoding="utf-8")


def commit(home: Path, folder: Path, provenance: Provenance) -> tuple[Manifest, bool]:
    """Give the staged tables their id and make CURRENT name them.

    Returns: the manifest, and whether CURRENT changed. Equal content is the snapshot that is there
    already: then nothing changes.
    """
    specs: dict[str, list[str]] = json.loads((folder / SPECS_NAME).read_text(encoding="utf-8"))
    tables = {name: describe(folder, name, key) for name, key in sorted(specs.items())}
    manifest = Manifest(make_snapshot_id(tables, provenance), tables, provenance)
    (folder / SPECS_NAME).unlink()
    (folder / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
    _keep(folder, home / PUBLISHED / manifest.snapshot_id, manifest)
    is_new = current_id(home) != manifest.snapshot_id
    if is_new:
        point_current(home, manifest.snapshot_id)
    return manifest, is_new


def current_id(home: Path) -> str | None:
    """The id of the snapshot that readers get; None before the first."""
    try:
        return (home / PUBLISHED / CURRENT).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def point_current(home: Path, snapshot_id: str) -> None:
    """Make CURRENT name a snapshot, in one atomic step."""
    aside = home / PUBLISHED / f"{CURRENT}.new"
    with aside.open("w", encoding="utf-8") as file:
        file.write(f"{snapshot_id}\n")
        file.flush()
        os.fsync(file.fileno())
    aside.replace(home / PUBLISHED / CURRENT)
    _sync([home / PUBLISHED])


def describe(folder: Path, name: str, key: Sequence[str]) -> TableInfo:
    """Rows, hash and control totals of one Parquet file of a snapshot folder."""
    path = folder / f"{name}.parquet"
    with duckdb.connect() as connection:
        relation = f"read_parquet({literal(path)})"
        counted = connection.execute(f"select count(*) from {relation}").fetchone()  # noqa: S608
        totals = _control_totals(connection, relation)
    return TableInfo(int(counted[0]) if counted else 0, hash_file(path), tuple(key), totals)


def _copy(
    connection: duckdb.DuckDBPyConnection, relation: str, key: tuple[str, ...], path: Path
) -> None:
    order = ", ".join(quote(column) for column in key) or "all"
    connection.execute(
        f"copy (select * from {relation} order by {order}) to {literal(path)} "  # noqa: S608
        f"(format parquet, compression zstd, row_group_size {ROW_GROUP_SIZE})"
    )


def _control_totals(
    connection: duckdb.DuckDBPyConnection, relation: str
) -> dict[str, dict[str, str]]:
    """Sums per currency; a table without a currency has none, for they would mix currencies."""
    described = connection.execute(f"describe select * from {relation}").fetchall()  # noqa: S608
    types = {row[0]: row[1] for row in described}
    amounts = [
        name for name in types if name.endswith("_amount") and types[name].startswith("DECIMAL")
    ]
    if "currency_code" not in types or not amounts:
        return {}
    sums = ", ".join(f"sum({quote(name)})" for name in amounts)
    rows = connection.execute(
        f"select currency_code, {sums} from {relation} group by 1 order by 1"  # noqa: S608
    ).fetchall()
    return {
        row[0] or "": {
            name: str(total)
            for name, total in zip(amounts, row[1:], strict=True)
            if total is not None
        }
        for row in rows
    }


def _keep(folder: Path, target: Path, manifest: Manifest) -> None:
    """Rename the staged folder to its id, unless an intact one of that id stands there."""
    if _is_intact(target, manifest):
        shutil.rmtree(folder)
        return
    if target.exists():
        target.rename(target.parent / f"{TEMPORARY}damaged-{target.name}")
    _sync([*sorted(folder.iterdir()), folder])
    folder.rename(target)
    _sync([target.parent])


def _is_intact(target: Path, manifest: Manifest) -> bool:
    try:
        if read_manifest(target) != manifest:
            return False
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    return all(
        (target / f"{name}.parquet").is_file()
        and hash_file(target / f"{name}.parquet") == info.sha256
        for name, info in manifest.tables.items()
    )


def _sync(paths: Iterable[Path]) -> None:
    """Put files and folder entries on disk before something else names them."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
