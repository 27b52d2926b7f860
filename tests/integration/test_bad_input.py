"""What outsiders get wrong: refused or quarantined, told, and stopping no other delivery."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

import ingestion.admit
import ingestion.load
import ingestion.scan
from ingestion.errors import ConfigError, Message
from ingestion.ingest import IngestReport
from ingestion.sources import lines
from ingestion.sources.lines import TextFile
from ingestion.sources.textformat import TextFormat
from tests.unit.ingestion.landing import HEADER, USAGE, Landing, usage_file, usage_line

TRAILER = 'trailer = { starts_with = "TRAILER", count_field = 2, total_field = 3,'
TRAILER += ' total_column = "quantity" }\n'


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    """A project in which one good file is on its way beside the bad one."""
    landing = Landing(tmp_path / "project", USAGE.replace('"net/*.csv"', '["net/*", "good.csv"]'))
    landing.put("good.csv", usage_file(5, first=1000))
    return landing


def only(report: IngestReport) -> Message:
    assert len(report.messages) == 1, [message.text() for message in report.messages]
    message = report.messages[0]
    assert all((message.code, message.what, message.where, message.effect, message.fix))
    return message


def assert_refused(landing: Landing, what: str, code: str = "TIE-3001") -> None:
    """The bad file is told once and again, nothing of it is loaded, and the good file is."""
    message = only(landing.ingest())
    assert (message.code, what in message.what) == (code, True), message.text()
    assert len(landing.rows("1")) == 5
    again = landing.ingest()
    assert only(again) == message
    assert (again.files, len(again.refused)) == ((), 1)
    assert (
        landing.rows("status, reason", "tieout__landed_files").count(("refused", message.what)) == 1
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (usage_line(9) + ",more", "column_count"),
        (usage_line(9).rsplit(",", 1)[0], "column_count"),
        (usage_line(9, quantity="ten"), "type"),
        (usage_line(9, service_code="fax"), "allowed"),
        (usage_line(9, service_id='"0151'), "quote"),
    ],
)
def test_a_bad_line_is_quarantined_whole(landing: Landing, line: str, reason: str) -> None:
    landing.put("net/bad.csv", usage_file(3, line) + usage_line(4) + "\n")
    report = landing.ingest()
    file = landing.file("net/bad.csv")
    assert (file.status, file.loaded_count, file.quarantined_count) == ("loaded", 4, 1)
    assert report.quarantined_count == 1
    kept = landing.home / "quarantine" / "network_usage" / f"{file.file_hash}.jsonl"
    assert kept.stat().st_mode & 0o777 == 0o600
    escaped = line.replace('"', '\\"')
    assert f'"source_row": 5, "reason_code": "{reason}"' in kept.read_text(encoding="utf-8")
    assert f'"line": "{escaped}"' in kept.read_text(encoding="utf-8")
    assert len(landing.rows("1")) == 9


def test_many_stray_quotes_lose_no_line(landing: Landing) -> None:
    lines = [usage_line(no, service_id='"0151' if no % 7 == 0 else "0151") for no in range(700)]
    landing.put("net/bad.csv", "\n".join([HEADER, *lines]) + "\n")
    landing.ingest()
    file = landing.file("net/bad.csv")
    assert (file.line_count, file.loaded_count, file.quarantined_count) == (701, 600, 100)


def test_a_duplicate_under_another_name_is_loaded_once(landing: Landing) -> None:
    landing.put("net/a.csv", usage_file(3))
    landing.put("net/b.csv", usage_file(3))
    message = only(landing.ingest())
    assert (message.code, message.what) == ("TIE-3006", "the same bytes were loaded from net/a.csv")
    assert message.where == "network_usage, net/b.csv"
    assert landing.file("net/b.csv").status == "duplicate"
    assert len(landing.rows("1")) == 8
    assert landing.ingest().refused == ()


def test_a_duplicate_that_comes_later_is_not_loaded(landing: Landing) -> None:
    landing.put("net/b.csv", usage_file(3))
    landing.ingest()
    before = landing.parts()
    landing.put("net/a.csv", usage_file(3))
    assert only(landing.ingest()).what == "the same bytes were loaded from net/b.csv"
    assert landing.file("net/a.csv").status == "duplicate"
    assert {name for name in landing.parts() if before.get(name) != landing.parts()[name]} == {
        "tieout__landed_files/part.parquet"
    }


def test_a_copy_of_a_refused_file_is_refused_for_the_same_reason(landing: Landing) -> None:
    landing.configure(USAGE + TRAILER)
    (landing.folder / "landing" / "good.csv").unlink()
    landing.put("net/a.csv", usage_file(3))
    landing.put("net/b.csv", usage_file(3))
    first = landing.ingest()
    assert [file.source_file for file in first.refused] == ["net/a.csv", "net/b.csv"]
    assert landing.ingest().messages == first.messages


def test_the_same_name_with_other_content_is_refused(landing: Landing) -> None:
    landing.put("net/a.csv", usage_file(3))
    landing.ingest()
    first = landing.file("net/a.csv")
    landing.put("net/a.csv", usage_file(4))
    message = only(landing.ingest())
    assert message.code == "TIE-3002"
    assert first.sha256[:16] in message.what
    assert 'on_change = "replace"' in message.fix
    assert len(landing.rows("1")) == 8
    assert only(landing.ingest()) == message
    landing.put("net/a.csv", usage_file(3))
    assert landing.ingest().refused == ()
    assert {row[0] for row in landing.rows("status", "tieout__landed_files")} == {"loaded"}


def test_a_refused_file_is_forgotten_when_it_is_mended_or_taken_away(landing: Landing) -> None:
    landing.put("net/a.csv", "")
    gone = landing.put("net/b.csv", "")
    assert len(landing.ingest().refused) == 2
    landing.put("net/a.csv", usage_file(3))
    gone.unlink()
    assert landing.ingest().messages == ()
    assert landing.rows("source_file, status", "tieout__landed_files") == [
        ("good.csv", "loaded"),
        ("net/a.csv", "loaded"),
    ]
    assert landing.ingest().files == ()


def test_a_file_that_grows_while_it_is_read(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingestion.scan, "_SMALL_LINES", 10)
    path = landing.put("net/bad.csv", usage_file(50))
    real = ingestion.admit.Admission.batches

    def growing(admission: ingestion.admit.Admission) -> Any:
        path.write_text(usage_file(49) + usage_line(99) + "\n", encoding="utf-8")
        os.utime(path, ns=(1, 1))
        return real(admission)

    with monkeypatch.context() as patch:
        patch.setattr(ingestion.admit.Admission, "batches", growing)
        assert "changed while it was read" in only(landing.ingest()).what
    assert landing.ingest().messages == ()
    assert landing.file("net/bad.csv").loaded_count == 50


def test_the_same_name_with_other_content_may_replace(landing: Landing) -> None:
    landing.put("net/a.csv", usage_file(3))
    landing.ingest()
    landing.put("net/a.csv", usage_file(4, usage_line(9, quantity="x")))
    assert len(landing.ingest().refused) == 1
    landing.configure(
        USAGE.replace('"net/*.csv"', '["net/*", "good.csv"]') + 'on_change = "replace"\n'
    )
    assert landing.ingest().messages == ()
    assert len(landing.rows("1")) == 9
    assert len(landing.rows("1", "tieout__quarantined_rows")) == 1
    statuses = sorted(file.status for file in landing.ledger.files())
    assert statuses == ["loaded", "loaded", "superseded"]
    assert len(landing.rows("1", "tieout__landed_files")) == 2


def test_an_empty_file(landing: Landing) -> None:
    landing.put("net/bad.csv", "")
    assert_refused(landing, "the file is empty")


def test_a_file_with_a_header_only_is_a_day_without_records(landing: Landing) -> None:
    landing.put("net/none.csv", HEADER + "\n")
    assert landing.ingest().messages == ()
    file = landing.file("net/none.csv")
    assert (file.status, file.loaded_count, file.parts) == ("loaded", 0, ())


def test_a_gzip_file_that_was_cut_off(landing: Landing) -> None:
    landing.put("net/bad.csv.gz", gzip.compress(usage_file(500).encode())[:-20])
    assert_refused(landing, "gzip stream is broken")


@pytest.mark.parametrize(
    ("trailer", "what"),
    [
        ("TRAILER,4,181.5", "the trailer says lines 4, the file holds 3"),
        ("TRAILER,3,181.6", "the trailer says quantity 181.6, the file holds 181.500"),
        ("TRAILER,three,181.5", "field 2 of the trailer is no figure"),
        ("TRAILER,3", "field 3 of the trailer is no figure"),
        (usage_line(4), "the trailer line that starts with 'TRAILER' is missing"),
    ],
)
def test_a_trailer_that_lies(landing: Landing, trailer: str, what: str) -> None:
    landing.configure(USAGE.replace('"net/*.csv"', '["net/*", "good.csv"]') + TRAILER)
    landing.put("good.csv", usage_file(5, "TRAILER,5,302.5", first=1000))
    landing.put("net/bad.csv", usage_file(3, trailer))
    assert_refused(landing, what, "TIE-3003")


def test_a_trailer_counts_quarantined_lines_too(landing: Landing) -> None:
    landing.configure(USAGE + TRAILER)
    broken = usage_line(4, service_code="fax")
    landing.put("net/a.csv", usage_file(3, broken, "TRAILER,4,242"))
    landing.put("net/b.csv", usage_file(3, usage_line(5, quantity="?"), "TRAILER,4,999"))
    assert landing.ingest().messages == ()
    assert (
        landing.file("net/a.csv").quarantined_count,
        landing.file("net/a.csv").trailer_count,
    ) == (1, 1)
    # A figure that cannot be read may be the difference.
    assert landing.file("net/b.csv").loaded_count == 3


def test_a_feed_without_files(landing: Landing) -> None:
    landing.configure(
        USAGE.replace("net/*.csv", "good.csv") + '[feeds.tickets]\npath = "tickets/*.csv"\n'
    )
    report = landing.ingest()
    message = only(report)
    assert (message.code, message.what) == ("TIE-3005", "feed tickets has no files")
    assert report.refused == ()
    assert len(landing.rows("1")) == 5
    assert landing.rows("1", "crm__tickets") == []


def test_a_link_that_leaves_the_landing_folder(landing: Landing, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(usage_file(3), encoding="utf-8")
    (landing.folder / "landing" / "net").mkdir()
    (landing.folder / "landing" / "net" / "bad.csv").symlink_to(secret)
    assert_refused(landing, "link that leaves the landing folder")


@pytest.mark.parametrize("path", ["../secret.csv", "net/../../secret.csv", "/etc/passwd"])
def test_a_path_that_leaves_the_landing_folder(landing: Landing, path: str) -> None:
    landing.configure(USAGE.replace("net/*.csv", path))
    with pytest.raises(ConfigError, match="leaves the landing folder"):
        landing.ingest()


def test_a_line_that_the_reader_lost_refuses_the_file(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing.put("net/bad.csv", usage_file(50))
    real = lines.batches

    def losing(file: TextFile, spec: TextFormat, **options: bool) -> Any:
        for batch in real(file, spec, **options):
            yield batch.filter(pc.field("_source_row") != 30)

    monkeypatch.setattr(lines, "batches", losing)
    assert_refused(landing, "1 of 51 lines were neither loaded nor quarantined", "TIE-3004")


def test_a_header_with_a_column_twice(landing: Landing) -> None:
    landing.put("net/bad.csv", usage_file(3).replace("unit_code", "quantity"))
    assert_refused(landing, "names a column twice")


def test_a_file_that_is_something_else(landing: Landing) -> None:
    landing.put("net/bad.csv", bytes(range(256)) * 100)
    assert_refused(landing, "column")


def test_a_parquet_file_that_is_none(landing: Landing) -> None:
    landing.configure(
        USAGE.replace("net/*.csv", "good.csv")
        + '[feeds.tickets]\npath = "tickets.parquet"\nformat = "parquet"\n'
    )
    landing.put("tickets.parquet", b"PAR1 no more")
    assert_refused(landing, "not Parquet")


def test_a_file_that_cannot_be_read(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = landing.put("net/bad.csv", usage_file(3))
    real = Path.open

    def guarded(path: Path, *args: Any, **options: Any) -> Any:
        if path == bad:
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", guarded)
        message = only(landing.ingest())
    assert (message.code, message.what) == (
        "TIE-3009", "the file cannot be read: Permission denied",
    )  # fmt: skip
    assert len(landing.rows("1")) == 5
    assert landing.ingest().messages == (), "it is looked at again, whatever its size and time say"
    assert len(landing.rows("1")) == 8


def test_a_file_still_being_written_is_left_alone(landing: Landing) -> None:
    landing.put("net/.upload.csv", "half")
    landing.put("net/b.csv.part", "half")
    assert landing.ingest().messages == ()
    assert len(landing.rows("1")) == 5
