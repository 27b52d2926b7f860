"""The life of bill runs: who drafted, reviewed, issued or cancelled them, and when.

A run moves only from the states it may move from, in one statement: of two people, or processes,
that do the same at once, one succeeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from dagster_project.lib.store.billing_tables import (
    bill_run_acceptances,
    bill_runs,
    billing_events,
)


@dataclass(frozen=True)
class BillRun:
    """One bill run; `status` is draft, reviewed, issuing, issued or cancelled.

    Attributes: bill_cycle_code, account_id (what the run was narrowed to; empty: everything);
        content_hash (over all that the draft froze); issued_on (date on its documents).
    """

    bill_run_id: str
    billing_month: date
    bill_cycle_code: str
    account_id: str
    status: str
    content_hash: str
    code_revision: str
    invoice_count: int
    line_count: int
    held_count: int
    drafted_by: str
    drafted_at: datetime
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    issued_by: str | None = None
    issued_at: datetime | None = None
    issued_on: date | None = None
    cancelled_by: str | None = None
    cancelled_at: datetime | None = None


@dataclass(frozen=True)
class Acceptance:
    """Open points of one kind that somebody lets pass, and why."""

    kind: str
    accepted_by: str
    accepted_at: datetime
    reason: str


@dataclass(frozen=True)
class BillingEvent:
    """Who did what, when, to which run or document."""

    event_no: int
    bill_run_id: str | None
    invoice_number: str | None
    event: str
    actor: str
    happened_at: datetime
    detail: str


class BillRunTable:
    """Reads and writes bill runs. Times are given by the caller; nothing here reads the clock."""

    def __init__(self, engine: sa.Engine) -> None:
        """Use the given store."""
        self._engine = engine

    def add(self, run: BillRun) -> BillRun:
        """Keep a draft; one that is there already stays as it is.

        Returns: the run as it is kept.
        """
        with self._engine.begin() as connection:
            known = connection.execute(_same(run.bill_run_id)).one_or_none()
            if known is None:
                connection.execute(bill_runs.insert().values(**asdict(run)))
                write_event(connection, "drafted", run.drafted_by, run.drafted_at, run.bill_run_id)
        return run if known is None else BillRun(**known._mapping)

    def find(self, bill_run_id: str) -> BillRun | None:
        """The run of that id."""
        with self._engine.connect() as connection:
            row = connection.execute(_same(bill_run_id)).one_or_none()
        return None if row is None else BillRun(**row._mapping)

    def all(self) -> list[BillRun]:
        """Every run, the newest month and draft first."""
        query = sa.select(bill_runs).order_by(
            bill_runs.c.billing_month.desc(),
            bill_runs.c.drafted_at.desc(),
            bill_runs.c.bill_run_id,
        )
        with self._engine.connect() as connection:
            return [BillRun(**row._mapping) for row in connection.execute(query)]

    def move(
        self,
        bill_run_id: str,
        event: str,
        origins: Sequence[str],
        values: Mapping[str, Any],
        who: tuple[str, datetime, str],
    ) -> bool:
        """Bring a run from one of the states `origins` into another.

        Args: event: its name in the log; values: the columns to set; who: actor, time, detail.
        Returns: whether it was in one of these states.
        """
        actor, at, detail = who
        with self._engine.begin() as connection:
            moved = connection.execute(
                bill_runs.update()
                .where(bill_runs.c.bill_run_id == bill_run_id, bill_runs.c.status.in_(origins))
                .values(**values)
            ).rowcount
            if moved:
                write_event(connection, event, actor, at, bill_run_id, detail=detail)
        return bool(moved)

    def accept(self, bill_run_id: str, accepted: Sequence[Acceptance]) -> None:
        """Keep who lets which kinds of points pass; what was accepted before stays."""
        known = {one.kind for one in self.acceptances(bill_run_id)}
        with self._engine.begin() as connection:
            for one in accepted:
                if one.kind in known:
                    continue
                row = {"bill_run_id": bill_run_id, **asdict(one)}
                connection.execute(bill_run_acceptances.insert().values(**row))
                write_event(
                    connection,
                    "accepted",
                    one.accepted_by,
                    one.accepted_at,
                    bill_run_id,
                    detail=f"{one.kind}: {one.reason}",
                )

    def acceptances(self, bill_run_id: str) -> list[Acceptance]:
        """What was accepted for a run, by kind."""
        table = bill_run_acceptances
        columns = [table.c[name] for name in ("kind", "accepted_by", "accepted_at", "reason")]
        query = sa.select(*columns).where(table.c.bill_run_id == bill_run_id).order_by("kind")
        with self._engine.connect() as connection:
            return [Acceptance(**row._mapping) for row in connection.execute(query)]

    def events(self, bill_run_id: str) -> list[BillingEvent]:
        """What happened to a run, oldest first."""
        query = (
            sa.select(billing_events)
            .where(billing_events.c.bill_run_id == bill_run_id)
            .order_by(billing_events.c.event_no)
        )
        with self._engine.connect() as connection:
            return [BillingEvent(**row._mapping) for row in connection.execute(query)]


def write_event(
    connection: sa.Connection,
    event: str,
    actor: str,
    at: datetime,
    bill_run_id: str | None,
    *,
    invoice_number: str | None = None,
    detail: str = "",
) -> None:
    """Note one event in the transaction of what it tells."""
    connection.execute(
        billing_events.insert().values(
            event=event,
            actor=actor,
            happened_at=at,
            bill_run_id=bill_run_id,
            invoice_number=invoice_number,
            detail=detail,
        )
    )


def _same(bill_run_id: str) -> sa.Select[Any]:
    return sa.select(bill_runs).where(bill_runs.c.bill_run_id == bill_run_id)
