"""A project folder that a test fills with files and ingests."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import duckdb

from ingestion.delivery import Secrets
from ingestion.ingest import IngestReport, ingest
from ingestion.ledger import LandedFile, MemoryLedger
from ingestion.mapping import load_project

OPERATOR = """
[operator]
name = "Test"
time_zone = "Europe/Berlin"
currency_code = "EUR"
home_country_code = "49"
"""
USAGE = '[feeds.network_usage]\npath = "net/*.csv"\n'
HEADER = (
    "network_record_id,service_id,service_code,call_type_code,other_party_number,"
    "started_at,quantity,unit_code"
)
NAMES = HEADER.split(",")


def usage_line(no: int, **changes: str) -> str:
    """One good line of network usage, or one with some fields changed."""
    fields = {
        "network_record_id": f"N{no:06d}",
        "service_id": "+4915112345678",
        "service_code": "voice",
        "call_type_code": "originating",
        "other_party_number": "0301234567",
        "started_at": f"2026-07-01 10:{no % 60:02d}:00",
        "quantity": "60.5",
        "unit_code": "second",
    }
    return ",".join({**fields, **changes}.values())


def usage_file(count: int, *lines: str, first: int = 1) -> str:
    """A file of good lines, and then those given."""
    good = [usage_line(no) for no in range(first, first + count)]
    return "\n".join([HEADER, *good, *lines]) + "\n"


class Landing:
    """One project, its home and its ledger."""

    def __init__(self, folder: Path, feeds: str = USAGE) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.ledger = MemoryLedger()
        (folder / "landing").mkdir(parents=True)
        self.configure(feeds)

    def configure(self, feeds: str) -> None:
        (self.folder / "tieout.toml").write_text(OPERATOR + feeds, encoding="utf-8")

    def put(self, name: str, content: str | bytes) -> Path:
        path = self.folder / "landing" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def ingest(self, secrets: Secrets = lambda name: None, **options: Any) -> IngestReport:
        return ingest(load_project(self.folder, secrets), self.home, self.ledger, **options)

    def rows(self, columns: str, table: str = "mediation__network_usage") -> list[tuple[Any, ...]]:
        """Rows of a raw table in the order of file and line."""
        parts = f"{self.home}/raw/{table}/**/*.parquet"
        order = "" if table.startswith("tieout__") else "ORDER BY _source_file, _source_row"
        return (
            duckdb.connect()
            .execute(
                f"SELECT {columns} FROM read_parquet('{parts}', hive_partitioning = true,"  # noqa: S608
                f" union_by_name = true) {order}"
            )
            .fetchall()
        )

    def parts(self) -> dict[str, str]:
        """Digest of every part and own table by its path."""
        raw = self.home / "raw"
        return {
            path.relative_to(raw).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(raw.rglob("*.parquet"))
        }

    def file(self, name: str) -> LandedFile:
        """The newest record of a file that is not superseded."""
        found = [
            one
            for one in self.ledger.files()
            if one.source_file == name and one.status != "superseded"
        ]
        assert len(found) == 1, found
        return found[0]


def accounted(file: LandedFile) -> int:
    """Lines that a record gives account of."""
    return (
        file.header_count
        + file.trailer_count
        + file.blank_count
        + file.loaded_count
        + file.quarantined_count
        + file.deleted_count
    )
