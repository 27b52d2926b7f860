"""The run log: which run was started for what, how it ended, and which were cut off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from dagster_project.lib.store.tables import runs


@dataclass(frozen=True)
class RunRecord:
    """One line of the run log; `status` is running, done, failed or interrupted."""

    run_no: int
    run_id: str
    command: str
    period_from: date
    period_through: date
    status: str
    started_at: datetime
    finished_at: datetime | None
    snapshot_id: str | None
    message: str


class RunLog:
    """Reads and writes the run log. Times are given by the caller; nothing here reads the clock."""

    def __init__(self, engine: sa.Engine) -> None:
        """Use the given store."""
        self._engine = engine

    def start(self, run_id: str, command: str, months: tuple[date, date], at: datetime) -> int:
        """Note that a run begins; what still stands as running was cut off, for one may write."""
        with self._engine.begin() as connection:
            connection.execute(
                runs.update()
                .where(runs.c.status == "running")
                .values(status="interrupted", finished_at=at, message="the process ended")
            )
            done = connection.execute(
                runs.insert().values(
                    run_id=run_id,
                    command=command,
                    period_from=months[0],
                    period_through=months[1],
                    status="running",
                    started_at=at,
                    message="",
                )
            )
        return int(done.inserted_primary_key[0]) if done.inserted_primary_key else 0

    def finish(
        self, run_no: int, status: str, at: datetime, snapshot_id: str | None, message: str = ""
    ) -> None:
        """Note how the run ended."""
        with self._engine.begin() as connection:
            connection.execute(
                runs.update()
                .where(runs.c.run_no == run_no)
                .values(status=status, finished_at=at, snapshot_id=snapshot_id, message=message)
            )

    def latest(self, count: int = 1) -> list[RunRecord]:
        """The newest runs, newest first."""
        query = sa.select(runs).order_by(runs.c.run_no.desc()).limit(count)
        with self._engine.connect() as connection:
            return _records(connection.execute(query).all())


def _records(rows: Sequence[sa.Row[Any]]) -> list[RunRecord]:
    return [RunRecord(**row._mapping) for row in rows]
