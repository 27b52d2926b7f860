"""The default engine: one DuckDB file under home."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dagster_project.lib.errors import LockedError

FILE = Path("warehouse") / "tieout.duckdb"


class DuckDBWarehouse:
    """The warehouse in `<home>/warehouse/tieout.duckdb`, or another file under home."""

    target = "duckdb"

    def __init__(self, home: Path, threads: int, memory_limit: str = "", file: Path = FILE) -> None:
        """Name the file; nothing is opened yet."""
        self.path = home / file
        self._config: dict[str, str | bool | int | float | list[str]] = {"threads": threads}
        if memory_limit:
            self._config["memory_limit"] = memory_limit

    @property
    def database(self) -> str:
        """The path of the file; its folder is made."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return str(self.path)

    def prepare(self) -> None:
        """Nothing: dbt opens the file itself, and the models read raw parts where they lie."""

    def release(self) -> None:
        """Let go of the file: run in process, dbt keeps it locked until it is told to close."""
        environments = sys.modules.get("dbt.adapters.duckdb.connections")
        if environments is not None:
            environments.DuckDBConnectionManager.close_all_connections()

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The file, opened read-only.

        Raises: LockedError when another process has it open.
        """
        self.release()
        try:
            connection = duckdb.connect(str(self.path), read_only=True, config=self._config)
        except duckdb.IOException as error:
            raise warehouse_is_open(self.path, error) from error
        try:
            yield connection
        finally:
            connection.close()


def warehouse_is_open(path: Path | str, error: BaseException) -> LockedError:
    """The four parts of DuckDB's refusal to share its file."""
    return LockedError(
        "TIE-4002",
        "another program has the warehouse open",
        where=f"{path}: {str(error).strip().splitlines()[0]}",
        effect="nothing was built or published",
        fix="close that program; read published tables (`tieout ui`, Parquet), not this file",
    )
