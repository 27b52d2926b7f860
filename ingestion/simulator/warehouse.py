"""The simulator's own DuckDB: one connection, statements with names filled in, Arrow in and out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa


class Database:
    """Runs statements in memory; only what does not fit spills to a folder that is removed."""

    def __init__(self, spill: Path) -> None:
        self.connection = duckdb.connect(
            config={"memory_limit": "5GB", "temp_directory": str(spill)}
        )
        self.connection.execute("SET TimeZone = 'UTC'")

    def run(self, text: str, **names: object) -> None:
        """Execute a statement after its {names} are filled in."""
        self.connection.execute(text.format(**names))

    def rows(self, text: str, **names: object) -> list[tuple[Any, ...]]:
        """Return the rows of a small query."""
        return self.connection.execute(text.format(**names)).fetchall()

    def table(self, text: str, **names: object) -> pa.Table:
        """Return the result of a query as Arrow."""
        return self.connection.sql(text.format(**names)).to_arrow_table()

    def load(self, name: str, data: pa.Table) -> None:
        """Make a table out of Arrow data."""
        self.run("DROP TABLE IF EXISTS {name}", name=name)
        self.append(name, data)

    def append(self, name: str, data: pa.Table) -> None:
        """Add Arrow data to a table, which is made when there is none."""
        self.connection.register("_arrow", data)
        self.run("CREATE TABLE IF NOT EXISTS {name} AS SELECT * FROM _arrow LIMIT 0", name=name)
        self.run("INSERT INTO {name} BY NAME SELECT * FROM _arrow", name=name)
        self.connection.unregister("_arrow")

    def close(self) -> None:
        """Let go of everything."""
        self.connection.close()
