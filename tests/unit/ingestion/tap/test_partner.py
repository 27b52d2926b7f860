"""The files of a simulated partner are those of real exchange, and the same for the same seed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ingestion.simulator.roaming.partner import Partner, RoamingFile, partner_files
from tests.unit.ingestion.tap.roaming import file_of, layout, read

ABROAD = Partner("FRAF1", "20801", first_sequence_no=99_998)
HOME = Partner("DEUAB", "26201", "+0100")


def files(seed: int = 5, events: int = 40) -> list[RoamingFile]:
    return list(partner_files(ABROAD, HOME, date(2026, 7, 1), 4, events, seed))


def test_each_day_has_two_files_with_the_same_events() -> None:
    made = files()
    assert [one.name for one in made[::2]] == [
        "CDFRAF1DEUAB99998",
        "CDFRAF1DEUAB99999",
        "CDFRAF1DEUAB00001",
        "CDFRAF1DEUAB00002",
    ]
    assert made[1].name == "NRFRAF1DEUAB0099998"
    for tap, near in zip(made[::2], made[1::2], strict=True):
        read_tap = read(tap.content, layout("tap"), tap.name)
        read_near = read(near.content, layout("nrtrde"), near.name)
        assert [one.reason for one in (*read_tap, *read_near)] == [None] * 80
        for kind in ("imsi", "started_at", "record_type"):
            assert [one.values[kind] for one in read_tap] == [one.values[kind] for one in read_near]
        assert [one.values["imsi"] for one in read_tap] == [one.imsi for one in tap.events]
        charge = sum(Decimal(one.values["charge_amount"] or "") for one in read_tap)
        assert charge * 10_000 == sum(one.charge for one in tap.events)


def test_the_same_seed_gives_the_same_octets() -> None:
    assert files() == files()
    assert files()[0].content != files(seed=6)[0].content


def test_a_day_without_events_is_a_notification() -> None:
    first = files(events=0)[0]
    assert file_of(first.content, name=first.name)["file_kind"] == "notification"
