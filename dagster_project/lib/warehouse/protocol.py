"""What the road needs from an engine: a place for dbt to build in, and its tables for reading."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import duckdb


@dataclass(frozen=True)
class TableSpec:
    """A table of the warehouse: its name, the SQL that names it, and its key columns."""

    name: str
    relation: str
    key: tuple[str, ...] = ()


class Warehouse(Protocol):
    """One engine. Only one process may have it open; nobody but the road ever opens it."""

    @property
    def target(self) -> str:
        """The dbt target of this engine."""
        ...

    @property
    def database(self) -> str:
        """What dbt is told to open."""
        ...

    def prepare(self) -> None:
        """Make ready for a build: whatever the engine must have running or registered."""
        ...

    def release(self) -> None:
        """Close whatever dbt keeps open in this process."""
        ...

    def reading(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A DuckDB connection in which every relation of the warehouse can be selected from."""
        ...
