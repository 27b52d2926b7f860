"""The extracts of one table: one that is replaced whole, or a row of them that grows.

However a table is extracted, each row that it holds is in exactly one extract: a row that came
before with the same content is not kept again, and one that changed takes its old version out of
the extract that held it. So the rows in raw are those of one whole extract (but for rows that
were deleted, which no incremental extract can see).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from ingestion.contracts import Contract
from ingestion.errors import SourceError
from ingestion.macros import add_macros
from ingestion.mapping import FeedMapping
from ingestion.sources.files import json_names
from ingestion.times import quoted

_LINES = "SELECT json::VARCHAR AS _line, filename AS _path FROM read_ndjson_objects($files)"


@dataclass(frozen=True)
class Bound:
    """Where an extract begins: rows whose column is not below the value, or empty."""

    column: str
    value: int | datetime | str


class Extracts:
    """The extract files of one feed in their folder."""

    def __init__(self, folder: Path, mapping: FeedMapping, contract: Contract) -> None:
        self.folder, self.mapping, self.contract = folder, mapping, contract
        self.name = mapping.table or "query"
        self.first = folder / f"{self.name}.jsonl"
        self.aside = folder / f"{self.name}.tmp"
        folder.mkdir(parents=True, exist_ok=True)

    def files(self) -> list[Path]:
        """Return the extracts, oldest first."""
        later = sorted(self.folder.glob("*@[0-9]*.jsonl"))
        mine = [path for path in later if path.stem.rpartition("@")[0] == self.name]
        return [path for path in (self.first, *mine) if path.is_file()]

    def replace(self, write: Callable[[Path], None]) -> None:
        """Extract the whole table; extracts of another time give their rows up."""
        write(self.aside)
        for path in self.files():
            if path != self.first:
                path.write_text("\n", encoding="utf-8")
        _put(self.aside, self.first)

    def add(self, write: Callable[[Path, Bound | None], None]) -> None:
        """Extract what changed since the newest row that is there, and look back a little.

        Raises:
            SourceError: the column holds no figures or times to go by.
        """
        before = self.files()
        write(self.aside, self._bound(before))
        if not before:
            self.aside.replace(self.first)
            return
        connection = duckdb.connect(config={"threads": 1})
        try:
            add_macros(connection)
            self._fold(connection, before)
        finally:
            connection.close()

    def _fold(self, connection: duckdb.DuckDBPyConnection, before: list[Path]) -> None:
        """Keep of the new rows those that are new, and of the old ones those that still stand."""
        _table(connection, "old", before)
        _table(connection, "new", [self.aside])
        connection.execute("DELETE FROM new WHERE _line IN (SELECT _line FROM old)")
        stale = (
            f"SELECT o._path, o._row FROM ({self._keys('old')}) o"
            f" SEMI JOIN ({self._keys('new')}) n ON o._key = n._key"
        )
        connection.execute(f"CREATE TABLE stale AS {stale}")
        # The old versions go first: what a killed run took out, the next one extracts again.
        for path, *_ in connection.execute("SELECT DISTINCT _path FROM stale").fetchall():
            rows = connection.execute(
                "SELECT _line FROM old ANTI JOIN stale USING (_path, _row)"
                " WHERE _path = $path ORDER BY _row",
                {"path": path},
            )
            _write(rows, self.aside)
            self.aside.replace(path)
        rows = connection.execute("SELECT _line FROM new ORDER BY _row")
        if _write(rows, self.aside):
            number = int(before[-1].stem.rpartition("@")[2]) if before[-1] != self.first else 0
            self.aside.replace(self.folder / f"{self.name}@{number + 1:06d}.jsonl")
        else:
            self.aside.unlink()

    def _keys(self, table: str) -> str:
        """Return the query of the contract key of each row; null where it is empty."""
        names = json_names(self.contract, self.mapping)
        columns = ", ".join(
            f"json_extract_string(_line, {_path(name)}) AS {_quoted(name)}" for name in names
        )
        parts = [self.mapping.columns.get(name) or _quoted(name) for name in self.contract.key]
        texts = ", ".join(f"coalesce(TRY(({part})::VARCHAR), '')" for part in parts)
        nothing = f"repeat(chr(31), {len(parts) - 1})"
        return (
            f"SELECT _path, _row, nullif(concat_ws(chr(31), {texts}), {nothing}) AS _key"
            f" FROM (SELECT _path, _row, {columns} FROM {table})"
        )

    def _bound(self, before: list[Path]) -> Bound | None:
        """Return where the next extract begins: the newest row, less the overlap."""
        said = self.mapping.incremental
        if not before or said is None:
            return None
        text = f"json_extract_string(_line, {_path(said.column)})"
        kind = "HUGEINT" if isinstance(said.overlap, int) else "TIMESTAMPTZ"
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            _table(connection, "old", before)
            ((newest, filled),) = connection.execute(
                f"SELECT arg_max({text}, TRY_CAST({text} AS {kind})), count({text}) FROM old"
            ).fetchall()
        if newest is None:
            if filled:
                raise self._no_mark()
            return None
        return Bound(said.column, _less(newest, said.overlap, is_text=self._is_sqlite()))

    def _is_sqlite(self) -> bool:
        # SQLite keeps times as text.
        return (self.mapping.url or "").startswith("sqlite")

    def _no_mark(self) -> SourceError:
        column = self.mapping.incremental.column if self.mapping.incremental else ""
        return SourceError(
            f"column {column} of {self.name} grows neither as a figure nor as a time",
            where=f"tieout.toml [feeds.{self.mapping.feed}] incremental",
            effect="the feed keeps what was loaded before; nothing new was read",
            fix='name a column such as updated_at with overlap = "2 days", or a number with'
            " overlap = 1000",
        )


def _path(name: str) -> str:
    return quoted(f'$."{name}"')


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _less(newest: str, overlap: int | timedelta, *, is_text: bool) -> int | datetime | str:
    if isinstance(overlap, int):
        return int(newest) - overlap
    moment = datetime.fromisoformat(newest) - overlap
    return moment.isoformat(sep=" ") if is_text else moment


def _table(connection: duckdb.DuckDBPyConnection, name: str, paths: list[Path]) -> None:
    connection.execute(
        f"CREATE TABLE {name} AS SELECT *, row_number() OVER () AS _row FROM ({_LINES})",
        {"files": [str(path) for path in paths]},
    )


def _write(rows: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Write lines; an extract that has none left keeps one blank line."""
    count = 0
    with path.open("w", encoding="utf-8") as stream:
        while batch := rows.fetchmany(10_000):
            stream.writelines(f"{line}\n" for (line,) in batch)
            count += len(batch)
        if not count:
            stream.write("\n")
    return count


def _put(aside: Path, target: Path) -> None:
    if target.is_file() and _digest(target) == _digest(aside):
        aside.unlink()
    else:
        aside.replace(target)


def _digest(path: Path) -> bytes:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
