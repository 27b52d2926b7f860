"""The raw layer is a function of the landed bytes and the mapping, whatever happened on the way."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import pytest

import ingestion.ingest
import ingestion.place
from ingestion.ledger import LandedFile, MemoryLedger
from tests.unit.ingestion.landing import HEADER, USAGE, Landing, usage_file, usage_line

FILES = {
    "net/a.csv": usage_file(20, usage_line(90, quantity="x")),
    "net/b.csv": usage_file(30, usage_line(91, service_code="fax"), first=100),
    "net/c.csv": usage_file(10, usage_line(92, started_at="2026-07-02 23:00:00"), first=200),
}


class KilledError(BaseException):
    """Stands for SIGKILL: nothing in the code may catch it and go on."""


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return landed(tmp_path_factory.mktemp("expected") / "p", FILES).parts()


def landed(folder: Path, files: dict[str, str]) -> Landing:
    landing = Landing(folder)
    for name, content in files.items():
        landing.put(name, content)
    landing.ingest()
    return landing


def test_a_second_run_changes_nothing(tmp_path: Path, expected: dict[str, str]) -> None:
    landing = landed(tmp_path / "p", FILES)
    report = landing.ingest()
    assert (report.files, report.messages) == ((), ())
    assert sum(feed.loaded for feed in report.feeds) == 0
    assert landing.parts() == expected


@pytest.mark.parametrize("order", list(permutations(FILES)))
def test_any_order_of_arrival_gives_the_same_bytes(
    tmp_path: Path, expected: dict[str, str], order: Sequence[str]
) -> None:
    landing = Landing(tmp_path / "p")
    for name in order:
        landing.put(name, FILES[name])
        landing.ingest(threads=1)
    assert landing.parts() == expected


def test_a_file_that_was_only_touched_is_not_loaded_again(tmp_path: Path) -> None:
    landing = landed(tmp_path / "p", FILES)
    before = landing.parts()
    landing.put("net/a.csv", FILES["net/a.csv"])
    report = landing.ingest()
    assert [file.status for file in report.files] == ["loaded"]
    assert landing.parts() == before
    assert landing.ingest().files == ()


def test_parts_that_were_lost_come_back(tmp_path: Path, expected: dict[str, str]) -> None:
    landing = landed(tmp_path / "p", FILES)
    (landing.home / "raw" / landing.file("net/b.csv").parts[0]).unlink()
    landing.ingest()
    assert landing.parts() == expected


def test_a_ledger_that_was_lost_comes_back(tmp_path: Path, expected: dict[str, str]) -> None:
    landing = landed(tmp_path / "p", FILES)
    before = list(landing.ledger.files())
    landing.ledger = MemoryLedger()
    landing.ingest()
    assert landing.parts() == expected
    assert list(landing.ledger.files()) == before


def test_a_changed_mapping_gives_new_parts_and_retires_the_old(tmp_path: Path) -> None:
    landing = landed(tmp_path / "p", FILES)
    before = landing.file("net/a.csv")
    landing.configure(USAGE + "[feeds.network_usage.columns]\nne_id = \"'msc1'\"\n")
    landing.ingest()
    after = landing.file("net/a.csv")
    assert after.file_hash != before.file_hash
    assert not any(before.file_hash in part for part in landing.parts())
    assert {row[0] for row in landing.rows("ne_id")} == {"msc1"}
    assert len(landing.rows("1")) == 61
    landing.configure(USAGE)
    landing.ingest()
    assert landing.file("net/a.csv").file_hash == before.file_hash
    assert len(landing.rows("1")) == 61


class DyingLedger(MemoryLedger):
    """Dies when it is to keep something, before or after it did."""

    def __init__(self, *, kept: bool) -> None:
        super().__init__()
        self.kept, self.dies = kept, True

    def record(self, files: Sequence[LandedFile]) -> None:
        if self.kept or not self.dies:
            super().record(files)
        if self.dies:
            raise KilledError


@pytest.mark.parametrize("kept", [False, True])
def test_killed_around_the_record(tmp_path: Path, expected: dict[str, str], kept: bool) -> None:
    landing = Landing(tmp_path / "p")
    ledger = DyingLedger(kept=kept)
    landing.ledger = ledger
    for name, content in FILES.items():
        landing.put(name, content)
    with pytest.raises(KilledError):
        landing.ingest()
    ledger.dies = False
    landing.ingest()
    assert landing.parts() == expected
    assert not (landing.home / "raw" / "_tmp").exists()


STEPS = [
    (ingestion.place.Placer, "place"),
    (ingestion.place.Placer, "settle"),
    (ingestion.place.Placer, "clear"),
    (Path, "replace"),
    (ingestion.ingest, "write_own_tables"),
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step[1])
@pytest.mark.parametrize("after", [0, 1, 2, 5, 8])
def test_killed_at_any_step(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expected: dict[str, str],
    step: tuple[object, str],
    after: int,
) -> None:
    landing = Landing(tmp_path / "p")
    for name, content in FILES.items():
        landing.put(name, content)
    # The empty parts are there, so that the steps counted are those of files.
    landing.ingest(feeds=[])
    kill(monkeypatch, *step, after=after)
    try:
        landing.ingest()
    except KilledError:
        monkeypatch.undo()
        landing.ingest()
    assert landing.parts() == expected


def kill(patch: pytest.MonkeyPatch, owner: object, name: str, *, after: int) -> None:
    """Let a function die when it is called for the time after `after`."""
    real = getattr(owner, name)
    calls = 0

    def dying(*args: object, **kwargs: object) -> object:
        nonlocal calls
        calls += 1
        if calls > after:
            raise KilledError
        return real(*args, **kwargs)

    patch.setattr(owner, name, dying)


def test_a_correction_that_is_killed_leaves_one_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds = USAGE + 'on_change = "replace"\n'
    other = Landing(tmp_path / "other", feeds)
    other.put("net/a.csv", FILES["net/b.csv"])
    other.ingest()
    landing = Landing(tmp_path / "p", feeds)
    landing.put("net/a.csv", FILES["net/a.csv"])
    landing.ingest()
    landing.put("net/a.csv", FILES["net/b.csv"])
    with monkeypatch.context() as patch:
        kill(patch, ingestion.place.Placer, "settle", after=0)
        with pytest.raises(KilledError):
            landing.ingest()
    landing.ingest()
    assert landing.parts() == other.parts()


class WatchedLedger(MemoryLedger):
    """Remembers what it was given at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[list[str]] = []

    def record(self, files: Sequence[LandedFile]) -> None:
        self.given.append(sorted(file.status for file in files))
        super().record(files)


def test_a_correction_and_what_it_replaces_are_recorded_at_once(tmp_path: Path) -> None:
    landing = Landing(tmp_path / "p", USAGE + 'on_change = "replace"\n')
    ledger = WatchedLedger()
    landing.ledger = ledger
    for name in ("net/a.csv", "net/b.csv"):
        landing.put("net/a.csv", FILES[name])
        landing.ingest()
    assert ledger.given == [["loaded"], ["loaded", "superseded"]]


def test_a_file_that_changed_after_the_kill_leaves_no_rows_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing = Landing(tmp_path / "p")
    path = landing.put("net/a.csv", FILES["net/a.csv"])
    ledger = DyingLedger(kept=False)
    landing.ledger = ledger
    with pytest.raises(KilledError):
        landing.ingest()
    path.write_text(f"{HEADER}\n{usage_line(7)}\n", encoding="utf-8")
    ledger.dies = False
    landing.ingest()
    assert landing.rows("network_record_id") == [("N000007",)]
