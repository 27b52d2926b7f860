"""The log of what CURRENT pointed at, when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dagster_project.lib.store.tables import snapshot_events


@dataclass(frozen=True)
class SnapshotEvent:
    """One change of the published folder; `event` is published, rolled_back or pruned."""

    event_no: int
    snapshot_id: str
    event: str
    happened_at: datetime
    run_id: str | None


class SnapshotLog:
    """Appends to and reads the snapshot log."""

    def __init__(self, engine: sa.Engine) -> None:
        """Use the given store."""
        self._engine = engine

    def add(self, snapshot_id: str, event: str, at: datetime, run_id: str | None = None) -> None:
        """Note one event."""
        values = {"snapshot_id": snapshot_id, "event": event, "happened_at": at, "run_id": run_id}
        with self._engine.begin() as connection:
            connection.execute(snapshot_events.insert().values(**values))

    def all(self) -> list[SnapshotEvent]:
        """Every event, oldest first."""
        query = sa.select(snapshot_events).order_by(snapshot_events.c.event_no)
        with self._engine.connect() as connection:
            return [SnapshotEvent(**row._mapping) for row in connection.execute(query)]
