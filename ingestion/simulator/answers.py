"""The answer key: every planted leak and decoy, with amounts from the operator's own rater."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from ingestion.simulator.calendar import Calendar
from ingestion.simulator.catalogue import CURRENCY
from ingestion.simulator.warehouse import Database

LEAK, DECOY = "leak", "decoy"

_TABLE = """
CREATE TABLE answer (
    kind VARCHAR, control_id VARCHAR, category VARCHAR, period DATE, value_key VARCHAR,
    account_id VARCHAR, under_micros BIGINT DEFAULT 0, over_micros BIGINT DEFAULT 0,
    timing_micros BIGINT DEFAULT 0, note VARCHAR, cost_micros BIGINT DEFAULT 0
)
"""

# What a query gives; who is paid too much is a carrier, and those are answered apart.
_COLUMNS = (
    "kind, control_id, category, period, value_key, account_id, under_micros, over_micros,"
    " timing_micros, note"
)

_WRITE = """
COPY (
    SELECT kind, control_id, category, period, value_key, account_id,
        (under_micros * 0.000001::DECIMAL(7, 6))::DECIMAL(18, 6) AS under_amount,
        (over_micros * 0.000001::DECIMAL(7, 6))::DECIMAL(18, 6) AS over_amount,
        (cost_micros * 0.000001::DECIMAL(7, 6))::DECIMAL(18, 6) AS cost_amount,
        (timing_micros * 0.000001::DECIMAL(7, 6))::DECIMAL(18, 6) AS timing_amount,
        '{currency}' AS currency_code, note
    FROM answer ORDER BY control_id, period, value_key, kind, category, account_id
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""


@dataclass(frozen=True)
class Answer:
    """One row of the key that has no amount."""

    kind: str
    control_id: str
    category: str
    period: date
    value_key: str
    note: str


class AnswerKey:
    """Collects answers in the database, most of them straight from SQL."""

    def __init__(self, database: Database, calendar: Calendar) -> None:
        self.database, self.calendar = database, calendar
        database.run(_TABLE)

    def add(self, answers: Iterable[Answer]) -> None:
        """Add rows without amounts."""
        rows = [
            {
                "kind": a.kind,
                "control_id": a.control_id,
                "category": a.category,
                "period": a.period,
                "value_key": a.value_key,
                "account_id": None,
                "under_micros": 0,
                "over_micros": 0,
                "timing_micros": 0,
                "note": a.note,
            }
            for a in answers
        ]
        if rows:
            types = {
                "period": pa.date32(),
                "under_micros": pa.int64(),
                "over_micros": pa.int64(),
                "timing_micros": pa.int64(),
            }
            names = list(rows[0])
            schema = pa.schema([(name, types.get(name, pa.utf8())) for name in names])
            self.database.append("answer", pa.Table.from_pylist(rows, schema=schema))

    def query(self, text: str, month: int, /, **names: object) -> None:
        """Add the rows of a query: kind to note, with the month's first day as {period}."""
        period = f"DATE '{self.calendar.month_first(month)}'"
        self.database.run(f"INSERT INTO answer ({_COLUMNS}) {text}", period=period, **names)

    def planted(self) -> dict[str, int]:
        """Return how many leaks each control has."""
        return dict(
            self.database.rows(
                "SELECT control_id, count(*) FROM answer WHERE kind = 'leak' GROUP BY 1 ORDER BY 1"
            )
        )

    def write(self, folder: Path, second: int) -> None:
        """Write the key where no reader of landed files looks."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "answer_key.parquet"
        self.database.run(_WRITE, path=path, currency=CURRENCY)
        os.utime(path, (second, second))
