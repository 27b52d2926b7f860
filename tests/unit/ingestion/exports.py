"""Loads one file with one preset, for tests of presets on real and on made files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from ingestion.contracts import load_contracts
from ingestion.ingest import ingest
from ingestion.ledger import LandedFile, MemoryLedger
from ingestion.mapping import load_project
from ingestion.presets import load_presets
from ingestion.trial import at_file

OPERATOR = """
[operator]
name = "Test"
time_zone = "Europe/Berlin"
currency_code = "EUR"
home_country_code = "49"
"""
ANSWERS = {
    "time_zone": '"Europe/Berlin"',
    "columns.currency_code": "\"'USD'\"",
    "columns.bank_account_id": "\"'DE02'\"",
    "tadig_codes": '["DEUAB"]',
}


@dataclass(frozen=True)
class Loaded:
    """One file that was ingested alone."""

    feed: str
    home: Path
    file: LandedFile
    warnings: list[tuple[str, str]]

    def rows(self, columns: str) -> list[tuple[Any, ...]]:
        """Return columns of the loaded rows in the order of the file, as texts."""
        table = load_contracts()[self.feed].table
        parts = f"{self.home}/raw/{table}/**/*.parquet"
        with duckdb.connect() as connection:
            return connection.execute(
                f"SELECT COLUMNS(*)::VARCHAR FROM (SELECT {columns} FROM read_parquet('{parts}',"
                " union_by_name = true) ORDER BY _source_row)"
            ).fetchall()

    def total(self, column: str) -> str:
        """Return the sum of a column, without trailing zeros."""
        total = sum((Decimal(row[0] or 0) for row in self.rows(column)), Decimal(0))
        return format(total.normalize(), "f")


def load_with(folder: Path, preset: str, path: Path, more: str = "") -> Loaded:
    """Ingest one file with one preset and what it asks for; `more` is TOML for the feed."""
    told = load_presets()[preset]
    said = f'[feeds.{told.feed}]\npreset = "{preset}"\npath = "*"\n'
    said += "".join(f"{key} = {ANSWERS[key]}\n" for key in told.asks)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tieout.toml").write_text(OPERATOR + said + more, encoding="utf-8")
    project = at_file(load_project(folder), told.feed, path)
    report = ingest(project, folder / "home", MemoryLedger(), [told.feed], 1)
    warnings = [(one.code, one.what) for one in report.messages if one.level == "warning"]
    return Loaded(told.feed, folder / "home", report.files[0], warnings)


def counts(loaded: Loaded) -> Sequence[int]:
    """Return lines, rows loaded and lines quarantined."""
    return loaded.file.line_count, loaded.file.loaded_count, loaded.file.quarantined_count
