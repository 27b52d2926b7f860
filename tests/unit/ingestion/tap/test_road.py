"""Spoilt roaming files on the whole road: each of their records is in raw or in quarantine."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from ingestion.admit import Admission
from ingestion.contracts import load_contracts
from ingestion.land import Found, Known
from ingestion.ledger import LandedFile
from ingestion.load import Loader
from ingestion.mapping import load_project
from ingestion.simulator.roaming.tap import tap_file
from tests.unit.ingestion.landing import OPERATOR, accounted
from tests.unit.ingestion.tap.roaming import HEAD, one_of_each
from tests.unit.ingestion.tap.test_landing import ONLY_TAP
from tests.unit.ingestion.tap.test_mutations import spoil

SOME, MANY, AT_A_TIME = 100, 2_000, 50


def load_all(folder: Path, feed: str, contents: list[bytes]) -> list[LandedFile]:
    """Load files without a ledger, each judged by itself."""
    project, contract = load_project(folder), load_contracts()[feed]
    admission = Admission(project, Known([]), {feed: "fingerprint"})
    for no, content in enumerate(contents):
        path = folder / "landing" / "tap" / f"{no:05d}"
        path.write_bytes(content)
        found = Found(feed, path, f"tap/{path.name}", len(content), path.stat().st_mtime_ns)
        admission.decide(found, admission.scan(found))
    done = list(admission.refused)
    loader = Loader(project, folder / "home")
    for batch in admission.batches():
        done += [one.record for one in loader.load(contract, batch)]
    shutil.rmtree(folder / "home", ignore_errors=True)
    return done


@pytest.mark.parametrize("feed", ["tap_files", "tap_records"])
@pytest.mark.parametrize("count", [SOME, pytest.param(MANY, marks=pytest.mark.slow)])
def test_no_record_is_lost(tmp_path: Path, feed: str, count: int) -> None:
    (tmp_path / "landing" / "tap").mkdir(parents=True)
    (tmp_path / "tieout.toml").write_text(OPERATOR + ONLY_TAP, encoding="utf-8")
    good = tap_file(HEAD, one_of_each())
    draw = random.Random(count)  # noqa: S311 - accidents, no secrets
    states: set[tuple[str, bool]] = set()
    for _ in range(count // AT_A_TIME):
        contents = sorted({good, *(spoil(good, draw) for _ in range(AT_A_TIME))} - {b""})
        done = load_all(tmp_path, feed, contents)
        assert len(done) == len(contents)
        for file in done:
            states.add((file.status, file.quarantined_count > 0))
            if file.status == "loaded":
                assert accounted(file) == file.line_count
            elif file.status == "refused":
                assert file.code == "TIE-3020" and file.reason.startswith("fatal"), file.reason
    assert {("loaded", False), ("refused", False)} <= states
    assert feed == "tap_files" or ("loaded", True) in states
