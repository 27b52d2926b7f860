"""Disputes with partners: opened once for a statement, moved step by step, nothing forgotten.

A dispute moves only from the state it was seen in, in one statement: of two people, or processes,
that do the same at once, one succeeds. Which moves are allowed is said in front of it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from dagster_project.lib.store.settlement_tables import (
    partner_dispute_events,
    partner_dispute_evidence,
    partner_disputes,
)


@dataclass(frozen=True)
class Dispute:
    """One dispute about the statement of a partner, direction, month and currency.

    Attributes: dispute_no (which one of that statement, from 1); stated_on, dispute_until_on
        (the window, last day included); claimed_micros (what the invoicing party asks, tax
        included); difference_micros, disputed_micros (declared less measured); undisputed_micros
        (to be paid on time); agreed_micros (credit or debit note; None until agreed).
    """

    dispute_id: str
    partner_id: str
    direction_code: str
    statement_month: date
    currency_code: str
    dispute_no: int
    state: str
    snapshot_id: str
    agreement_id: str
    version_no: int
    stated_on: date
    dispute_until_on: date
    claimed_micros: int
    difference_micros: int
    disputed_micros: int
    undisputed_micros: int
    opened_by: str
    opened_at: datetime
    opened_on: date
    evidence_hash: str
    agreed_micros: int | None = None


@dataclass(frozen=True)
class DisputeStep:
    """A state that a dispute came into: by whom, on which day, written down when, and why."""

    state: str
    actor: str
    happened_on: date
    happened_at: datetime
    reason: str
    agreed_micros: int | None = None


class DisputeTable:
    """Reads and writes disputes. Times are given by the caller; nothing here reads the clock."""

    def __init__(self, engine: sa.Engine) -> None:
        """Use the given store."""
        self._engine = engine

    def add(self, dispute: Dispute, evidence: str, reason: str) -> bool:
        """Keep a dispute, what it stands on, and its first step, in one transaction.

        Returns: whether it is new; False where another process was first.
        """
        step = DisputeStep(
            dispute.state, dispute.opened_by, dispute.opened_on, dispute.opened_at, reason
        )
        own = {"dispute_id": dispute.dispute_id}
        try:
            with self._engine.begin() as connection:
                connection.execute(partner_disputes.insert().values(**asdict(dispute)))
                connection.execute(
                    partner_dispute_evidence.insert().values(**own, content=evidence)
                )
                connection.execute(partner_dispute_events.insert().values(**own, **asdict(step)))
        except IntegrityError:
            if self.find(dispute.dispute_id) is None:
                raise
            return False
        return True

    def move(self, dispute_id: str, origin: str, step: DisputeStep) -> bool:
        """Bring a dispute from the state it was seen in into another.

        Returns: whether it still was in that state.
        """
        values: dict[str, Any] = {"state": step.state}
        if step.agreed_micros is not None:
            values["agreed_micros"] = step.agreed_micros
        is_there = partner_disputes.c.dispute_id == dispute_id
        with self._engine.begin() as connection:
            moved = connection.execute(
                partner_disputes.update()
                .where(is_there, partner_disputes.c.state == origin)
                .values(**values)
            ).rowcount
            if moved:
                connection.execute(
                    partner_dispute_events.insert().values(dispute_id=dispute_id, **asdict(step))
                )
        return bool(moved)

    def find(self, dispute_id: str) -> Dispute | None:
        """The dispute of that id."""
        found = self._select(partner_disputes.c.dispute_id == dispute_id)
        return found[0] if found else None

    def of_statement(
        self, partner_id: str, direction_code: str, month: date, currency_code: str
    ) -> list[Dispute]:
        """The disputes of one statement, oldest first."""
        return self._select(
            partner_disputes.c.partner_id == partner_id,
            partner_disputes.c.direction_code == direction_code,
            partner_disputes.c.statement_month == month,
            partner_disputes.c.currency_code == currency_code,
        )

    def all(self) -> list[Dispute]:
        """Every dispute, by partner, direction, month and currency, oldest first."""
        return self._select()

    def evidence(self, dispute_id: str) -> str:
        """What the dispute stands on, as it was frozen."""
        query = sa.select(partner_dispute_evidence.c.content).where(
            partner_dispute_evidence.c.dispute_id == dispute_id
        )
        with self._engine.connect() as connection:
            return str(connection.execute(query).scalar_one())

    def steps(self, dispute_id: str) -> list[DisputeStep]:
        """What happened to a dispute, oldest first."""
        names = list(DisputeStep.__dataclass_fields__)
        query = (
            sa.select(*(partner_dispute_events.c[name] for name in names))
            .where(partner_dispute_events.c.dispute_id == dispute_id)
            .order_by(partner_dispute_events.c.event_no)
        )
        with self._engine.connect() as connection:
            return [DisputeStep(**row._mapping) for row in connection.execute(query)]

    def _select(self, *wanted: sa.ColumnElement[bool]) -> list[Dispute]:
        order = ("partner_id", "direction_code", "statement_month", "currency_code", "dispute_no")
        query = sa.select(partner_disputes).where(*wanted)
        query = query.order_by(*(partner_disputes.c[name] for name in order))
        with self._engine.connect() as connection:
            return [Dispute(**row._mapping) for row in connection.execute(query)]
