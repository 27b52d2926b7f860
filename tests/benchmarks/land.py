"""Landing: a file of usage a day, from CSV to Parquet.

Tieout types every column by contract, puts bad lines aside, counts lines, hashes bytes, makes the
landed key and normalised numbers, and splits by local day; the others only type the columns and
write them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from tests.benchmarks import product

Facts = dict[str, Any]
Work = Callable[[], Facts]

TYPES = {
    "network_record_id": "VARCHAR",
    "partial_of_record_id": "VARCHAR",
    "usage_file_name": "VARCHAR",
    "ne_id": "VARCHAR",
    "service_id": "VARCHAR",
    "service_code": "VARCHAR",
    "call_type_code": "VARCHAR",
    "other_party_number": "VARCHAR",
    "started_at": "TIMESTAMP",
    "quantity": "DECIMAL(18,3)",
    "unit_code": "VARCHAR",
}
PROJECT = """
[operator]
name = "Benchmark"
time_zone = "Europe/Berlin"
currency_code = "EUR"
home_country_code = "49"

[feeds.network_usage]
path = "network/*.csv"
format = "csv"
time_zone = "UTC"
"""


# The files to land, below landing/; land_wide.py lands others.
NARROW = "network"


def _files(folder: Path, kind: str) -> list[Path]:
    return sorted((folder / "landing" / kind).glob("*.csv"))


def _types(path: Path) -> dict[str, str]:
    """Types of all columns of a file; those that nobody asked for are text."""
    with path.open(encoding="utf-8") as stream:
        return {name: TYPES.get(name, "VARCHAR") for name in stream.readline().strip().split(",")}


def _out(folder: Path, kind: str, name: str) -> Path:
    out = folder / "landed" / kind / name
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    return out


def _facts(folder: Path, kind: str, rows: int) -> Facts:
    return {"rows": rows, "bytes": sum(path.stat().st_size for path in _files(folder, kind))}


def tieout(folder: Path, kind: str = NARROW) -> Work:
    """`ingest` as the product runs it."""
    from ingestion.ingest import ingest
    from ingestion.ledger import MemoryLedger
    from ingestion.mapping import load_project

    text = PROJECT.replace("network/*.csv", f"{kind}/*.csv")
    (folder / "tieout.toml").write_text(text, encoding="utf-8")
    home = _out(folder, kind, "tieout")
    project = load_project(folder)

    def work() -> Facts:
        report = ingest(project, home, MemoryLedger(), threads=product.THREADS)
        files = report.files
        assert all(file.status == "loaded" for file in files), files[0]
        assert all(
            file.line_count == file.loaded_count + file.quarantined_count + file.header_count
            for file in files
        )
        return _facts(folder, kind, sum(file.loaded_count for file in files))

    return work


def duckdb_copy(folder: Path, kind: str = NARROW) -> Work:
    """DuckDB alone: typed read_csv, COPY to Parquet."""
    out = _out(folder, kind, "duckdb")
    connection = duckdb.connect()
    connection.execute(f"set threads = {product.THREADS}")
    connection.execute("set preserve_insertion_order = false")

    def work() -> Facts:
        rows = 0
        for path in _files(folder, kind):
            done = connection.execute(
                f"""copy (select {", ".join(TYPES)} from read_csv('{path}', header = true,
                    delim = ',', quote = '', escape = '', auto_detect = false,
                    columns = {_types(path)}))
                to '{out / path.stem}.parquet' (format parquet, compression zstd)"""
            ).fetchone()
            rows += done[0] if done else 0
        return _facts(folder, kind, rows)

    return work


def polars_sink(folder: Path, kind: str = NARROW) -> Work:
    """polars: scan_csv, sink_parquet."""
    import polars as pl

    out = _out(folder, kind, "polars")
    plain = {"VARCHAR": pl.String(), "TIMESTAMP": pl.Datetime(), "DECIMAL(18,3)": pl.Decimal(18, 3)}

    def work() -> Facts:
        for path in _files(folder, kind):
            schema = {name: plain[type_] for name, type_ in _types(path).items()}
            frame = pl.scan_csv(path, schema=schema, quote_char=None).select(list(TYPES))
            frame.sink_parquet(out / f"{path.stem}.parquet", compression="zstd")
        rows = pl.scan_parquet(out / "*.parquet").select(pl.len()).collect().item()
        return _facts(folder, kind, rows)

    return work


def pandas_arrow(folder: Path, kind: str = NARROW) -> Work:
    """pandas: read_csv by pyarrow, to_parquet; quantities as texts, since it knows no decimals."""
    import pandas as pd
    import pyarrow as pa

    out = _out(folder, kind, "pandas")
    kinds = {name: pd.ArrowDtype(pa.string()) for name in TYPES}
    kinds["started_at"] = pd.ArrowDtype(pa.timestamp("us"))

    def work() -> Facts:
        rows = 0
        for path in _files(folder, kind):
            frame = pd.read_csv(
                path, engine="pyarrow", dtype=kinds, dtype_backend="pyarrow", usecols=list(TYPES)
            )
            frame.to_parquet(out / f"{path.stem}.parquet", compression="zstd")
            rows += len(frame)
        return _facts(folder, kind, rows)

    return work
