"""The second engine: the same models on Spark, read back through the Parquet files it writes.

Spark keeps each table as a folder of Parquet files, so what is published is staged by DuckDB from
these files and the bytes of a snapshot do not depend on how Spark split them. The raw parts are
registered as tables where they lie; nothing is copied.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FOLDER = Path("warehouse") / "spark"
SCHEMA = "tieout"
RAW = "raw"

# UTC as in every table; ANSI so that an overflow is an error and not a null; one machine.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.catalogImplementation": "in-memory",
    # allowances in order are layer upon layer of subqueries
    "spark.sql.analyzer.maxIterations": "1000",
    "spark.sql.optimizer.maxIterations": "1000",
    "spark.driver.extraJavaOptions": "-Xss64m",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "false",
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}


class SparkWarehouse:
    """The warehouse in `<home>/warehouse/spark`."""

    target = "spark"

    def __init__(self, home: Path, threads: int, memory_limit: str = "") -> None:
        """Name the folder; no session is started yet."""
        self.path = home / FOLDER
        self._raw = home / RAW
        self._threads = threads
        self._memory_limit = memory_limit or "2g"

    @property
    def database(self) -> str:
        """The folder of the tables; it is made."""
        self.path.mkdir(parents=True, exist_ok=True)
        return str(self.path)

    def prepare(self) -> None:
        """Start the session that dbt finds in this process, with every raw table registered.

        The catalogue lives in memory, so tables of an earlier session are taken away first.
        """
        self.release()
        shutil.rmtree(self.path, ignore_errors=True)
        session = self._session()
        session.sql(f"create database if not exists {RAW}")
        for folder in sorted(path for path in self._raw.iterdir() if path.is_dir()):
            if folder.name.startswith("_"):
                continue
            name = f"{RAW}.{folder.name}"
            session.sql(f"create table {name} using parquet options (path '{folder}')")
            if any("=" in part.name for part in folder.iterdir()):
                session.sql(f"msck repair table {name}")

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
            connection.execute(f"set schema = '{SCHEMA}'")
            for folder in sorted((self.path / f"{SCHEMA}.db").iterdir()):
                files = str(folder / "**" / "*.parquet")
                connection.read_parquet(files, hive_partitioning=True).create_view(folder.name)
            yield connection

    def _session(self) -> SparkSession:
        from pyspark.sql import SparkSession

        builder = SparkSession.Builder().master(f"local[{self._threads}]").appName("tieout")
        builder = builder.config("spark.sql.warehouse.dir", self.database)
        builder = builder.config("spark.driver.memory", self._memory_limit)
        builder = builder.config("spark.sql.shuffle.partitions", self._threads)
        for name, value in SETTINGS.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        return session
