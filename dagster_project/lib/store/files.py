"""The file ledger's rows: what was done with each version of each landed file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from dagster_project.lib.store.tables import landed_files

_IDENTITY = ("feed", "source_file", "sha256")


class FileTable:
    """Reads and writes the ledger's rows; the reader of files gives them their meaning."""

    def __init__(self, engine: sa.Engine) -> None:
        """Use the given store."""
        self._engine = engine

    def all(self) -> list[dict[str, Any]]:
        """Every row, in the order of feed, file and content."""
        query = sa.select(landed_files).order_by(*(landed_files.c[name] for name in _IDENTITY))
        with self._engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def replace(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep these rows in one transaction, instead of those of the same identity."""
        if not rows:
            return
        same = sa.and_(*(landed_files.c[name] == sa.bindparam(f"old_{name}") for name in _IDENTITY))
        old = [{f"old_{name}": row[name] for name in _IDENTITY} for row in rows]
        with self._engine.begin() as connection:
            connection.execute(landed_files.delete().where(same), old)
            connection.execute(landed_files.insert(), [dict(row) for row in rows])
