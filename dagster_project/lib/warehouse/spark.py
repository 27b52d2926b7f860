"""The second engine: the same models on Spark, read back through the Parquet files it writes.

Spark keeps each table as a folder of Parquet files, so what is published is staged by DuckDB from
these files and the bytes of a snapshot do not depend on how Spark split them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

FOLDER = Path("warehouse") / "spark"
SCHEMA = "tieout"


class SparkWarehouse:
    """The warehouse in `<home>/warehouse/spark`."""

    target = "spark"

    def __init__(self, home: Path, threads: int, memory_limit: str = "") -> None:
        """Name the folder; no session is started yet."""
        self.path = home / FOLDER
        self._threads = threads
        self._memory_limit = memory_limit or "2g"

    @property
    def database(self) -> str:
        """The folder of the tables; it is made."""
        self.path.mkdir(parents=True, exist_ok=True)
        return str(self.path)

    def release(self) -> None:
        """Stop the session of this process, if there is one."""
        from pyspark.sql import SparkSession

        session = SparkSession.getActiveSession()
        if session is not None:
            session.stop()

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A DuckDB connection with one view per table that Spark wrote."""
        with duckdb.connect() as connection:
            connection.execute(f"create schema {SCHEMA}")
            for folder in sorted((self.path / f"{SCHEMA}.db").iterdir()):
                files = str(folder / "**" / "*.parquet")
                table = connection.read_parquet(files, hive_partitioning=True)
                table.create_view(f"{SCHEMA}.{folder.name}")
            yield connection
