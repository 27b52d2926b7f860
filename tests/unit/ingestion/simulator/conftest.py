"""One tiny operator, simulated once for all tests that only look at it."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.simulator import SimulationSummary, simulate

Rows = list[dict[str, Any]]
MONTHS = (date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1))


@dataclass(frozen=True)
class Operator:
    """A simulated operator and ways to look at its files."""

    folder: Path
    summary: SimulationSummary

    def csv(self, pattern: str, delimiter: str = ",") -> Rows:
        """Return the rows of delivered CSV files, without their trailers."""
        return [
            row
            for path in sorted((self.folder / "landing").glob(pattern))
            for row in csv.DictReader(_data_lines(path), delimiter=delimiter)
        ]

    def query(self, text: str, **parameters: object) -> Rows:
        """Run SQL over files; {landing} and {key} are filled in."""
        landing = f"{self.folder}/landing"
        sql = text.format(landing=landing, key=f"{self.folder}/answer_key/answer_key.parquet")
        with duckdb.connect() as connection:
            rows: Rows = connection.sql(sql, params=parameters).to_arrow_table().to_pylist()
            return rows

    def answers(self, control_id: str, kind: str = "leak") -> Rows:
        """Return the answers about one control."""
        return self.query(
            "SELECT * FROM '{key}' WHERE control_id = $control AND kind = $kind",
            control=control_id,
            kind=kind,
        )


def _data_lines(path: Path) -> Iterator[str]:
    opened: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        for line in file:
            if not line.startswith("TRAILER"):
                yield line


@pytest.fixture(scope="session")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    folder = tmp_path_factory.mktemp("operator")
    return Operator(folder, simulate(folder, "xs"))
