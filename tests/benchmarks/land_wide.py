"""Landing of records of 50 columns, of which the contract wants eleven: what exports are like."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.benchmarks import land
from tests.benchmarks.land import Work

WIDE = "network_wide"
_MORE = 39


def make_files(folder: Path) -> None:
    """Write the narrow files again with further columns between and behind theirs."""
    target = folder / "landing" / WIDE
    target.mkdir(parents=True, exist_ok=True)
    kinds = [
        "'x' || (hash(rowid * 64 + {no}) % 1000)",
        "hash(rowid * 64 + {no}) % 1000000000",
        "started_at",
        "''",
        "(hash(rowid * 64 + {no}) % 100000) || '.' || (hash(rowid * 64 + {no}) % 97)",
    ]
    more = [f"{kinds[no % 5].format(no=no)} as further_{no:02}" for no in range(_MORE)]
    half = len(land.TYPES) // 2
    names = [*list(land.TYPES)[:half], *more[:20], *list(land.TYPES)[half:], *more[20:]]
    connection = duckdb.connect()
    for path in sorted((folder / "landing" / land.NARROW).glob("*.csv")):
        connection.execute(
            f"""copy (select {", ".join(names)} from (select *, row_number() over () as rowid from
                read_csv('{path}', header = true, delim = ',', quote = '', all_varchar = true)))
            to '{target / path.name}' (format csv, header, quote '')"""
        )


def tieout(folder: Path) -> Work:
    """`ingest` as the product runs it."""
    return land.tieout(folder, WIDE)


def duckdb_copy(folder: Path) -> Work:
    """DuckDB alone, the columns of the contract."""
    return land.duckdb_copy(folder, WIDE)


def polars_sink(folder: Path) -> Work:
    """polars, the columns of the contract."""
    return land.polars_sink(folder, WIDE)


def pandas_arrow(folder: Path) -> Work:
    """pandas, the columns of the contract."""
    return land.pandas_arrow(folder, WIDE)
