"""Runs the two doors: landed rows against contracts, published tables against our promises."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from expectations import published
from expectations.landing.suites import FILE_COLUMN, make_suite
from expectations.rules import Expect, ExpectationResult, in_set
from ingestion.contracts import EMPTY_PART, Contract

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ExpectationResult", "run_landing", "run_published", "write_data_docs"]

# Rows looked at. A dated feed is looked at from its newest day back, in whole parts; any other
# from the first of its parts by name. The last part is cut. So the same files give the same rows.
LANDING_ROWS = 1_000_000
LANDING_ROWS_DATED = 100_000
PUBLISHED_ROWS = 1_000_000


def run_landing(
    home: Path, contracts: Mapping[str, Contract], feeds: Iterable[str] | None = None
) -> list[ExpectationResult]:
    """Hold what was landed against the feed contracts.

    Args:
        home: TIEOUT_HOME.
        contracts: contracts by feed.
        feeds: feeds to look at; all when None. A feed without rows gives no results.

    Returns:
        One result for each expectation; `table_name` is the feed.
    """
    return _Doors().landing(home, contracts, feeds)


def run_published(folder: Path) -> list[ExpectationResult]:
    """Hold the tables of a snapshot folder against what we promise their readers.

    Returns:
        One result for each expectation, and a failed one for a table that is not there.
    """
    return _Doors().published(folder)


def write_data_docs(
    home: Path, contracts: Mapping[str, Contract], folder: Path | None, target: Path
) -> None:
    """Validate both doors and write the pages of Great Expectations, one for each table.

    Args:
        home: TIEOUT_HOME.
        contracts: contracts by feed.
        folder: snapshot folder, or None for the landing door alone.
        target: folder of the pages.
    """
    doors = _Doors(target)
    doors.landing(home, contracts, None)
    if folder:
        doors.published(folder)


class _Doors:
    """Both doors; with a target they leave pages behind."""

    def __init__(self, docs: Path | None = None) -> None:
        self.docs = docs

    def landing(
        self, home: Path, contracts: Mapping[str, Contract], feeds: Iterable[str] | None
    ) -> list[ExpectationResult]:
        tables = []
        for feed in sorted(contracts if feeds is None else feeds):
            contract = contracts[feed]
            suite = make_suite(contract)
            table = _landed(home / "raw" / contract.table, contract, suite)
            if table is not None:
                tables.append((feed, table, suite))
        return self._validate("landing", tables)

    def published(self, folder: Path) -> list[ExpectationResult]:
        suites = {name: _suite(name) for name in _published_names()}
        controls = _known_controls(folder)
        tables, missing = [], []
        for name, suite in suites.items():
            path = folder / f"{name}.parquet"
            if not path.is_file():
                missing.append(_missing(name))
                continue
            suite = [*suite, *_of_controls(suite, controls)]
            tables.append((name, _head(path, suite), suite))
        return [*missing, *self._validate("published", tables)]

    def _validate(
        self, door: str, tables: Sequence[tuple[str, pa.Table, list[Expect]]]
    ) -> list[ExpectationResult]:
        if not tables:
            return []
        from expectations.adapter import Validator

        validator = Validator("landing" if door == "landing" else "published")
        results = []
        for name, table, suite in tables:
            results += validator.validate(name, table, suite)
        if self.docs:
            validator.write_docs(self.docs)
        return results


def _landed(folder: Path, contract: Contract, suite: Sequence[Expect]) -> pa.Table | None:
    """Return the rows of a feed to look at, None when it has none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts = sorted(path for path in folder.rglob("*.parquet") if path.name != EMPTY_PART)
    rows = LANDING_ROWS
    if contract.partition:
        rows = LANDING_ROWS_DATED
        parts.sort(key=lambda path: path.parent.name, reverse=True)
    wanted = [name for name in _all_columns(contract) if name in _named(suite)]
    tables: list[pa.Table] = []
    for path in parts:
        # Not read_table: it looks for partitions in the path, and takes six times as long.
        table = pq.ParquetFile(path).read(columns=wanted).slice(0, rows)
        tables.append(table)
        rows -= len(table)
        if rows <= 0:
            break
    if not tables:
        return None
    # parts of one feed may differ in what they say of nulls, not in what they hold
    table = pa.concat_tables(tables, promote_options="default").combine_chunks()
    return table if contract.partition else _distinct(table, parts, contract)


def _all_columns(contract: Contract) -> list[str]:
    return [*(column.name for column in contract.columns), FILE_COLUMN]


def _distinct(table: pa.Table, parts: Sequence[Path], contract: Contract) -> pa.Table:
    """Return the rows with exact repeats inside a file left out: they say the same thing twice."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if len(table.group_by([FILE_COLUMN, *contract.key]).aggregate([])) == len(table):
        return table
    names = _all_columns(contract)
    whole = pa.concat_tables([pq.ParquetFile(path).read(columns=names) for path in parts])
    return whole.slice(0, LANDING_ROWS).group_by(names).aggregate([]).select(table.column_names)


def _head(path: Path, suite: Sequence[Expect]) -> pa.Table:
    """Return the first rows of a published table; it is ordered by its key."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    wanted = [name for name in file.schema_arrow.names if name in _named(suite)]
    rows, batches = PUBLISHED_ROWS, []
    for batch in file.iter_batches(columns=wanted):
        batches.append(batch.slice(0, rows))
        rows -= len(batches[-1])
        if rows <= 0:
            break
    schema = pa.schema([file.schema_arrow.field(name) for name in wanted])
    return pa.Table.from_batches(batches, schema)


def _named(suite: Sequence[Expect]) -> set[str]:
    return {name for rule in suite for name in rule.columns}


def _published_names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(published.__path__))


def _suite(name: str) -> list[Expect]:
    suite: list[Expect] = importlib.import_module(f"expectations.published.{name}").SUITE
    return suite


def _known_controls(folder: Path) -> tuple[str, ...]:
    import pyarrow.parquet as pq

    path = folder / "dim_controls.parquet"
    if not path.is_file():
        return ()
    return tuple(pq.ParquetFile(path).read(columns=["control_id"])["control_id"].to_pylist())


def _of_controls(suite: Sequence[Expect], controls: tuple[str, ...]) -> list[Expect]:
    """Return the expectation that only controls of the catalogue are named."""
    if controls and "control_id" in _named(suite):
        return [in_set("control_id", *controls)]
    return []


def _missing(name: str) -> ExpectationResult:
    return ExpectationResult(
        suite=f"published.{name}",
        door="published",
        table_name=name,
        expectation="table_is_published",
        column_name=None,
        success=False,
        observed="there is no such table",
        unexpected_count=0,
    )
