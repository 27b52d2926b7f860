from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from dagster_project.lib.store import Dispute, DisputeStep, DisputeTable, open_store

AT = datetime(2026, 8, 5, 6)  # noqa: DTZ001 - the store keeps UTC without a zone
ON = date(2026, 8, 5)
DISPUTE = Dispute(
    "2026-07-aaaaaaaa", "TWICE", "outgoing", date(2026, 7, 1), "EUR", 1, "detected", "snap",
    "A-TWICE", 1, date(2026, 7, 31), date(2026, 8, 30), 2_400_000, 900_000, 900_000, 1_500_000,
    "Ada", AT, ON, "h" * 64,
)  # fmt: skip


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    return open_store(f"sqlite:///{tmp_path / 'tieout.db'}")


def step(state: str, actor: str = "Bob") -> DisputeStep:
    return DisputeStep(state, actor, ON, AT, "because")


def test_a_dispute_is_opened_once(engine: sa.Engine) -> None:
    table = DisputeTable(engine)
    assert table.add(DISPUTE, "{}", "too much")
    assert not table.add(replace(DISPUTE, opened_by="Bob"), '{"other": 1}', "again")
    assert table.all() == [DISPUTE]
    assert table.evidence(DISPUTE.dispute_id) == "{}"
    assert table.steps(DISPUTE.dispute_id) == [DisputeStep("detected", "Ada", ON, AT, "too much")]


def test_a_statement_has_one_first_dispute(engine: sa.Engine) -> None:
    table = DisputeTable(engine)
    table.add(DISPUTE, "{}", "too much")
    with pytest.raises(IntegrityError):
        table.add(replace(DISPUTE, dispute_id="2026-07-bbbbbbbb"), "{}", "too much")
    second = replace(DISPUTE, dispute_id="2026-07-bbbbbbbb", dispute_no=2)
    assert table.add(second, "{}", "restated")
    other = replace(DISPUTE, dispute_id="2026-07-cccccccc", currency_code="USD")
    assert table.add(other, "{}", "too much")
    key = ("TWICE", "outgoing", date(2026, 7, 1))
    assert table.of_statement(*key, "EUR") == [DISPUTE, second]
    assert table.of_statement(*key, "USD") == [other]


def test_of_two_who_move_the_same_dispute_one_succeeds(engine: sa.Engine) -> None:
    table = DisputeTable(engine)
    table.add(DISPUTE, "{}", "too much")
    assert table.move(DISPUTE.dispute_id, "detected", step("notified"))
    assert not table.move(DISPUTE.dispute_id, "detected", step("closed", "Cleo"))
    agreed = replace(step("agreed"), agreed_micros=600_000)
    assert table.move(DISPUTE.dispute_id, "notified", agreed)
    assert table.move(DISPUTE.dispute_id, "agreed", step("closed"))
    found = table.find(DISPUTE.dispute_id)
    assert found == replace(DISPUTE, state="closed", agreed_micros=600_000)
    states = [one.state for one in table.steps(DISPUTE.dispute_id)]
    assert states == ["detected", "notified", "agreed", "closed"]


@pytest.mark.parametrize("table", ["partner_dispute_events", "partner_dispute_evidence"])
@pytest.mark.parametrize("change", ["delete from {}", "update {} set dispute_id = 'x'"])
def test_steps_and_evidence_stay_as_they_are(engine: sa.Engine, table: str, change: str) -> None:
    DisputeTable(engine).add(DISPUTE, "{}", "too much")
    with pytest.raises(IntegrityError, match="never changed"), engine.begin() as connection:
        connection.execute(sa.text(change.format(table)))
