"""Ingestion's file ledger, kept in the control store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa

from dagster_project.lib.store import FileTable
from ingestion.ledger import LandedFile


class StoreLedger:
    """Turns rows into ingestion's records and back, for `lib` knows nothing of ingestion."""

    def __init__(self, engine: sa.Engine) -> None:
        """Use the given store."""
        self._table = FileTable(engine)

    def files(self) -> list[LandedFile]:
        """Every record."""
        return [LandedFile(**{**row, "parts": tuple(row["parts"])}) for row in self._table.all()]

    def record(self, files: Sequence[LandedFile]) -> None:
        """Keep these records in one transaction, replacing those of the same identity."""
        self._table.replace([{**asdict(file), "parts": list(file.parts)} for file in files])
