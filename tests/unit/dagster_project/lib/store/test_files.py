from __future__ import annotations

from datetime import date
from pathlib import Path

from dagster_project.lib.store import open_store
from dagster_project.resources.ledger import StoreLedger
from ingestion.ledger import LandedFile, Ledger

JULY = LandedFile(
    feed="network_usage", source_file="a.csv", sha256="s1", fingerprint="f", file_hash="h",
    status="loaded", size=10, mtime_ns=2**60, loaded_count=3, first_event_on=date(2026, 7, 1),
    parts=("x/1.parquet", "x/2.parquet"),
)  # fmt: skip


def _ledger(folder: Path) -> Ledger:
    return StoreLedger(open_store(f"sqlite:///{folder / 'tieout.db'}"))


def test_records_come_back_as_they_were_given(tmp_path: Path) -> None:
    _ledger(tmp_path).record([JULY])
    assert list(_ledger(tmp_path).files()) == [JULY]


def test_a_record_replaces_the_one_of_the_same_file(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    other = LandedFile(**{**vars(JULY), "sha256": "s2"})
    ledger.record([JULY, other])
    again = LandedFile(**{**vars(JULY), "status": "superseded", "parts": ()})
    ledger.record([again])
    assert list(ledger.files()) == [again, other]
    ledger.record([])
    assert len(list(ledger.files())) == 2
