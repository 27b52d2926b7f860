"""Which files are whole, which wait, and which are nobody's alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import ingestion.arrive
from ingestion.errors import Message
from ingestion.ingest import IngestReport
from ingestion.land import Found
from tests.unit.ingestion.landing import USAGE, Landing, usage_file

SETTLE = USAGE + "settle_seconds = 3600\n"
REJECTS = '[feeds.mediation_rejects]\npath = "net/b*.csv"\n'


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "p")


def only(report: IngestReport) -> Message:
    assert len(report.messages) == 1, [message.text() for message in report.messages]
    return report.messages[0]


def age(path: Path, seconds: int) -> None:
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns - seconds * 10**9))


def test_a_file_that_was_just_written_waits_until_it_lay_still(landing: Landing) -> None:
    landing.configure(SETTLE)
    old = landing.put("net/old.csv", usage_file(2))
    age(old, 3700)
    new = landing.put("net/new.csv", usage_file(3, first=50))
    message = only(landing.ingest())
    assert (message.code, message.where) == ("TIE-3007", "network_usage, net/new.csv")
    assert "less than 3600 seconds before this run" in message.what
    assert landing.rows("source_file, status, loaded_count", "tieout__landed_files") == [
        ("net/new.csv", "waiting", 0),
        ("net/old.csv", "loaded", 2),
    ]
    new.write_text(usage_file(4, first=50), encoding="utf-8")
    assert only(landing.ingest()).code == "TIE-3007", "it grew since the last look"
    assert landing.ingest().messages == (), "two runs saw it just as it is"
    assert len(landing.rows("1")) == 6
    assert landing.rows("source_file, status", "tieout__landed_files") == [
        ("net/new.csv", "loaded"),
        ("net/old.csv", "loaded"),
    ]
    assert landing.ingest().files == ()


def test_a_file_that_is_old_enough_does_not_wait(landing: Landing) -> None:
    landing.configure(SETTLE)
    new = landing.put("net/new.csv", usage_file(3))
    assert only(landing.ingest()).code == "TIE-3007"
    age(new, 3601)
    assert landing.ingest().messages == ()


def test_a_file_that_grows_between_two_looks_waits(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = landing.put("net/a.csv", usage_file(3))
    real = ingestion.arrive.Arrivals._with_claims

    def growing(arrivals: Any, found: dict[str, list[Found]]) -> Any:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(usage_file(1, first=9).split("\n")[1] + "\n")
        return real(arrivals, found)

    with monkeypatch.context() as patch:
        patch.setattr(ingestion.arrive.Arrivals, "_with_claims", growing)
        message = only(landing.ingest())
    assert (message.code, message.what) == ("TIE-3007", "the file changed between two looks")
    assert landing.ingest().messages == ()
    assert len(landing.rows("1")) == 4


def test_a_waiting_file_that_is_taken_away_is_forgotten(landing: Landing) -> None:
    landing.configure(SETTLE)
    path = landing.put("net/new.csv", usage_file(3))
    landing.ingest()
    path.unlink()
    assert [message.code for message in landing.ingest().messages] == ["TIE-3005"]
    assert landing.rows("1", "tieout__landed_files") == []


def test_a_file_that_two_feeds_claim_is_loaded_by_neither(landing: Landing) -> None:
    landing.configure(USAGE + REJECTS)
    landing.put("net/a.csv", usage_file(2))
    landing.put("net/b.csv", usage_file(3, first=50))
    told = landing.ingest().messages
    assert [(one.code, one.where, one.what) for one in told] == [
        ("TIE-3008", "mediation_rejects, net/b.csv",
         "the file is also claimed by feed network_usage"),
        ("TIE-3008", "network_usage, net/b.csv",
         "the file is also claimed by feed mediation_rejects"),
    ]  # fmt: skip
    assert all("shares_files = true" in one.fix for one in told)
    assert len(landing.rows("1")) == 2
    assert landing.ingest(feeds=["network_usage"]).messages == (told[1],), "one feed alone, too"
    shared = "shares_files = true\n"
    landing.configure(USAGE + shared + REJECTS)
    assert len(landing.ingest().messages) == 2, "both must say so"
    landing.configure(USAGE + shared + REJECTS + shared)
    landing.ingest(feeds=["network_usage"])
    assert len(landing.rows("1")) == 5


def test_a_link_that_leads_nowhere_is_told(landing: Landing) -> None:
    landing.put("net/a.csv", usage_file(2))
    link = landing.folder / "landing" / "net" / "b.csv"
    link.symlink_to("nothing.csv")
    message = only(landing.ingest())
    assert (message.code, "link that leads nowhere" in message.what) == ("TIE-3009", True)
    link.unlink()
    landing.put("net/b.csv", usage_file(1, first=9))
    assert landing.ingest().messages == ()


def test_links_that_bite_their_own_tail_are_told(landing: Landing) -> None:
    landing.put("net/a.csv", usage_file(2))
    folder = landing.folder / "landing" / "net"
    (folder / "b.csv").symlink_to("c.csv")
    (folder / "c.csv").symlink_to("b.csv")
    assert [message.code for message in landing.ingest().messages] == ["TIE-3009", "TIE-3009"]
    assert len(landing.rows("1")) == 2
