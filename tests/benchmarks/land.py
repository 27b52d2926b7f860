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


def _files(folder: Path) -> list[Path]:
    return sorted((folder / "landing" / "network").glob("*.csv"))


def _out(folder: Path, name: str) -> Path:
    out = folder / "landed" / name
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    return out


def _facts(folder: Path, rows: int) -> Facts:
    return {"rows": rows, "bytes": sum(path.stat().st_size for path in _files(folder))}


def tieout(folder: Path) -> Work:
    """`ingest` as the product runs it."""
    from ingestion.ingest import ingest
    from ingestion.ledger import MemoryLedger
    from ingestion.mapping import load_project

    (folder / "tieout.toml").write_text(PROJECT, encoding="utf-8")
    home = _out(folder, "tieout")
    project = load_project(folder)

    def work() -> Facts:
        report = ingest(project, home, MemoryLedger(), threads=product.THREADS)
        files = report.files
        assert all(file.status == "loaded" for file in files), files[0]
        assert all(
            file.line_count == file.loaded_count + file.quarantined_count + file.header_count
            for file in files
        )
        return _facts(folder, sum(file.loaded_count for file in files))

    return work


def duckdb_copy(folder: Path) -> Work:
    """DuckDB alone: typed read_csv, COPY to Parquet."""
    out = _out(folder, "duckdb")
    connection = duckdb.connect()
    connection.execute(f"set threads = {product.THREADS}")
    connection.execute("set preserve_insertion_order = false")

    def work() -> Facts:
        rows = 0
        for path in _files(folder):
            done = connection.execute(
                f"""copy (from read_csv('{path}', header = true, delim = ',', quote = '',
                    escape = '', auto_detect = false, columns = {TYPES}))
                to '{out / path.stem}.parquet' (format parquet, compression zstd)"""
            ).fetchone()
            rows += done[0] if done else 0
        return _facts(folder, rows)

    return work


def polars_sink(folder: Path) -> Work:
    """polars: scan_csv, sink_parquet."""
    import polars as pl

    out = _out(folder, "polars")
    plain = {"VARCHAR": pl.String(), "TIMESTAMP": pl.Datetime(), "DECIMAL(18,3)": pl.Decimal(18, 3)}
    schema = {name: plain[kind] for name, kind in TYPES.items()}

    def work() -> Facts:
        for path in _files(folder):
            frame = pl.scan_csv(path, schema=schema, quote_char=None)
            frame.sink_parquet(out / f"{path.stem}.parquet", compression="zstd")
        rows = pl.scan_parquet(out / "*.parquet").select(pl.len()).collect().item()
        return _facts(folder, rows)

    return work


def pandas_arrow(folder: Path) -> Work:
    """pandas: read_csv by pyarrow, to_parquet; quantities as texts, since it knows no decimals."""
    import pandas as pd
    import pyarrow as pa

    out = _out(folder, "pandas")
    kinds = {name: pd.ArrowDtype(pa.string()) for name in TYPES}
    kinds["started_at"] = pd.ArrowDtype(pa.timestamp("us"))

    def work() -> Facts:
        rows = 0
        for path in _files(folder):
            frame = pd.read_csv(path, engine="pyarrow", dtype=kinds, dtype_backend="pyarrow")
            frame.to_parquet(out / f"{path.stem}.parquet", compression="zstd")
            rows += len(frame)
        return _facts(folder, rows)

    return work
