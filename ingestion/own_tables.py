"""The raw tables that ingestion writes about itself, and the zero-row part of every feed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion import quarantine
from ingestion.contracts import EMPTY_PART, Contract
from ingestion.issued import ISSUED, write_issued
from ingestion.land import rows_by_feed
from ingestion.ledger import LandedFile
from ingestion.mapping import Project
from ingestion.sequences import Arrival
from ingestion.times import zone_offsets

_FEEDS = pa.schema(
    [
        ("feed", pa.utf8()),
        ("source", pa.utf8()),
        ("is_mapped", pa.bool_()),
        ("row_count", pa.int64()),
        ("file_count", pa.int64()),
    ]
)
_FILES = pa.schema(
    [
        ("feed", pa.utf8()),
        ("source_file", pa.utf8()),
        ("file_hash", pa.utf8()),
        ("status", pa.utf8()),
        ("reason", pa.utf8()),
        ("line_count", pa.int64()),
        ("header_count", pa.int64()),
        ("trailer_count", pa.int64()),
        ("blank_count", pa.int64()),
        ("loaded_count", pa.int64()),
        ("quarantined_count", pa.int64()),
        ("deleted_count", pa.int64()),
        ("ambiguous_time_count", pa.int64()),
        ("missing_time_count", pa.int64()),
        ("first_event_on", pa.date32()),
        ("last_event_on", pa.date32()),
    ]
)
_SCHEDULE = pa.schema(
    [
        ("control_id", pa.utf8()),
        ("from_month", pa.date32()),
        ("to_month", pa.date32()),
        ("state", pa.utf8()),
        ("reason", pa.utf8()),
        ("approved_by", pa.utf8()),
    ]
)
_ARROW = {
    "VARCHAR": pa.utf8(),
    "BIGINT": pa.int64(),
    "DATE": pa.date32(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMP": pa.timestamp("us"),
}


_ARRIVALS = pa.schema(
    [
        ("feed", pa.utf8()),
        ("series", pa.utf8()),
        ("state", pa.utf8()),
        ("source_file", pa.utf8()),
        ("first_number", pa.utf8()),
        ("last_number", pa.utf8()),
        ("file_count", pa.int64()),
    ]
)

_OFFSETS = pa.schema(
    [
        ("first_on", pa.date32()),
        ("last_on", pa.date32()),
        ("offset_seconds", pa.int64()),
    ]
)


def write_own_tables(
    project: Project,
    contracts: Mapping[str, Contract],
    files: Sequence[LandedFile],
    arrivals: Sequence[Arrival],
    home: Path,
) -> None:
    """Write what ingestion knows of feeds, files, arrivals, quarantined rows and the schedule."""
    raw = home / "raw"
    totals = rows_by_feed(files)
    _write(
        raw,
        "tieout__feeds",
        _FEEDS,
        [
            {
                "feed": contract.feed,
                "source": contract.source,
                "is_mapped": contract.feed in project.feeds,
                "row_count": totals.get(contract.feed, (0, 0))[0],
                "file_count": totals.get(contract.feed, (0, 0))[1],
            }
            for contract in sorted(contracts.values(), key=lambda contract: contract.feed)
        ],
    )
    current = sorted(
        (file for file in files if file.status != "superseded"), key=lambda file: file.identity
    )
    _write(
        raw,
        "tieout__landed_files",
        _FILES,
        [{name: getattr(file, name) for name in _FILES.names} for file in current],
    )
    schedule = sorted(
        project.schedule, key=lambda entry: (entry.control_id, entry.from_month, entry.state)
    )
    _write(raw, "tieout__control_schedule", _SCHEDULE, [vars(entry) for entry in schedule])
    _write(raw, "tieout__file_arrivals", _ARRIVALS, [vars(one) for one in arrivals])
    _write(raw, "tieout__midnights", _OFFSETS, midnights(project.operator.time_zone))
    broken = [
        (file.feed, file.file_hash)
        for file in current
        if file.status == "loaded" and file.quarantined_count
    ]
    _replace(quarantine.read_rows(home, broken), raw / "tieout__quarantined_rows" / "part.parquet")
    for name in ISSUED:
        if not (raw / f"tieout__{name}" / "part.parquet").is_file():
            write_issued(home, name, [])


def midnights(zone: str) -> list[dict[str, object]]:
    """Return the UTC offset of the local midnights of a zone, by first and last day."""
    spans: list[dict[str, object]] = []
    for at, seconds in zone_offsets(zone):
        first = date.min
        if at is not None:
            # Midnight of the day has the offset when it comes at the change or after it.
            local = at + timedelta(seconds=seconds)
            first = local.date() + timedelta(days=int(local.time() != time.min))
            spans[-1]["last_on"] = first - timedelta(days=1)
        spans.append({"first_on": first, "last_on": date(9999, 12, 31), "offset_seconds": seconds})
    return spans


def write_empty_parts(contracts: Iterable[Contract], raw: Path) -> None:
    """Give every feed a part without rows, so that a model finds its columns before any file."""
    for contract in contracts:
        folder = raw / contract.table
        if contract.partition:
            folder /= f"{contract.partition.name}={contract.partition.empty_value}"
        path = folder / EMPTY_PART
        schema = pa.schema([(name, _arrow(kind)) for name, kind in contract.landed_columns()])
        if path.is_file() and pq.read_schema(path).equals(schema):
            continue
        _replace(schema.empty_table(), path)


def _arrow(kind: str) -> pa.DataType:
    if kind.startswith("DECIMAL"):
        precision, scale = kind[8:-1].split(",")
        return pa.decimal128(int(precision), int(scale))
    return _ARROW[kind]


def _write(raw: Path, name: str, schema: pa.Schema, rows: list[dict[str, object]]) -> None:
    _replace(pa.Table.from_pylist(rows, schema=schema), raw / name / "part.parquet")


def _replace(table: pa.Table, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".tmp")
    pq.write_table(table, aside, compression="zstd", store_schema=False)
    aside.replace(path)
