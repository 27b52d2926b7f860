"""Files of a sender are numbered by what they hold: none twice, none missing without being told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ingestion.simulator.roaming.nrtrde import nrtrde_file
from ingestion.simulator.roaming.tap import notification, tap_file
from tests.unit.ingestion.landing import Landing
from tests.unit.ingestion.tap.roaming import HEAD, event
from tests.unit.ingestion.tap.test_landing import ALL, FILES, ONLY_TAP, RECORDS, landed


def numbered(number: int, **changes: object) -> bytes:
    charge = changes.pop("charge", number)
    return tap_file(replace(HEAD, sequence_no=number, **changes), [event(charge=charge)])  # type: ignore[arg-type]


def states(landing: Landing) -> list[tuple[str, str | None, str | None]]:
    rows = landing.rows("state, first_number, last_number", "tieout__file_arrivals")
    return sorted(rows)


def test_a_gap_is_told_and_a_notification_fills_one(tmp_path: Path) -> None:
    landing = landed(
        tmp_path,
        ONLY_TAP,
        ("x1", numbered(7)),
        ("x2", notification(replace(HEAD, sequence_no=8))),
        ("x3", numbered(11)),
    )
    assert states(landing) == [("missing", "9", "10")]


def test_after_99999_comes_1(tmp_path: Path) -> None:
    files = [("a", 99_998), ("b", 99_999), ("c", 1), ("d", 2)]
    landing = landed(tmp_path, ONLY_TAP, *((name, numbered(no)) for name, no in files))
    assert states(landing) == []
    landing.put("tap/e", numbered(4))
    landing.ingest()
    assert states(landing) == [("missing", "3", "3")]


def test_the_last_number_has_its_name(tmp_path: Path) -> None:
    files = [("a", 99_998), ("c", 1)]
    landing = landed(tmp_path, ONLY_TAP, *((name, numbered(no)) for name, no in files))
    assert states(landing) == [("missing", "99999", "99999")]


def test_each_sender_kind_and_test_has_numbers_of_its_own(tmp_path: Path) -> None:
    landing = landed(
        tmp_path,
        ALL,
        ("a", numbered(12)),
        ("b", numbered(40, sender="ESPXX")),
        ("c", numbered(70, is_test=True)),
        ("d", nrtrde_file(replace(HEAD, sequence_no=90), [event()])),
    )
    assert states(landing) == []
    assert len(landing.rows("sequence_no", FILES)) == 4


def test_a_number_that_comes_again_with_other_content_is_refused(tmp_path: Path) -> None:
    landing = landed(tmp_path, ONLY_TAP, ("first", numbered(12, charge=100)))
    landing.put("tap/second", numbered(12, charge=200))
    report = landing.ingest()
    assert {one.code for one in report.messages} == {"TIE-3020"}
    for message in report.messages:
        assert (
            "number 12 of tap chargeable FRAF1 to DEUAB was loaded from tap/first" in message.what
        )
        assert message.where.endswith(", tap/second") and "replace" in message.fix
    assert [str(row[0]) for row in landing.rows("charge_amount", RECORDS)] == ["0.010000"]
    assert len(landing.ingest().refused) == 2


def test_two_files_of_one_number_in_one_run_are_seen_too(tmp_path: Path) -> None:
    landing = landed(
        tmp_path, ONLY_TAP, ("a", numbered(12, charge=1)), ("b", numbered(12, charge=2))
    )
    assert len(landing.rows("charge_amount", RECORDS)) == 1
    assert len(landing.rows("sequence_no", FILES)) == 1


def test_the_same_bytes_under_another_name_are_a_copy(tmp_path: Path) -> None:
    landing = landed(tmp_path, ONLY_TAP, ("a", numbered(12)), ("b", numbered(12)))
    found = [(one.source_file, one.status) for one in landing.ledger.files()]
    assert sorted(set(found)) == [("tap/a", "loaded"), ("tap/b", "duplicate")]


def test_a_correction_in_place_of_the_file_is_taken(tmp_path: Path) -> None:
    feeds = ONLY_TAP.replace("kinds", 'on_change = "replace"\nkinds')
    landing = landed(tmp_path, feeds, ("a", numbered(12, charge=100)))
    landing.put("tap/a", numbered(12, charge=200))
    landing.ingest()
    assert [str(row[0]) for row in landing.rows("charge_amount", RECORDS)] == ["0.020000"]


def test_a_refused_file_does_not_hold_its_number(tmp_path: Path) -> None:
    landing = landed(tmp_path, ONLY_TAP, ("a", numbered(12)[:-1]), ("b", numbered(12)))
    assert len(landing.rows("charge_amount", RECORDS)) == 1
