"""Roaming files on the ordinary road: good records land, others wait, bad files are refused."""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.contracts import load_contracts
from ingestion.quarantine import list_quarantine, read_lines
from ingestion.simulator.roaming.nrtrde import nrtrde_file, nrtrde_name
from ingestion.simulator.roaming.rap import Return, rap_file
from ingestion.simulator.roaming.tap import notification, tap_file
from tests.unit.ingestion.landing import Landing, accounted
from tests.unit.ingestion.tap.roaming import HEAD, KINDS, event, one_of_each

FEEDS = "".join(
    f'[feeds.{feed}]\npreset = "{feed}"\npath = "tap/*"\ntadig_codes = ["DEUAB"]\nkinds = %s\n'
    for feed in ("tap_files", "tap_records")
)
ONLY_TAP = FEEDS.replace("%s", '["tap"]')
ALL = FEEDS.replace("%s", '["tap", "nrtrde", "rap"]')
RECORDS, FILES = "mediation__tap_records", "mediation__tap_files"


def landed(folder: Path, feeds: str, *files: tuple[str, bytes]) -> Landing:
    landing = Landing(folder, feeds)
    for name, content in files:
        landing.put(f"tap/{name}", content)
    landing.ingest()
    return landing


def test_every_event_lands_with_its_price_time_and_place(tmp_path: Path) -> None:
    landing = landed(tmp_path, ONLY_TAP, (HEAD.name, tap_file(HEAD, one_of_each())))
    rows = landing.rows(
        "tap_record_id, direction_code, record_type_code, service_code, quantity, unit_code,"
        " charge_amount, tax_amount, currency_code, exchange_rate, started_at::varchar,"
        " utc_offset_code, event_on::varchar",
        RECORDS,
    )
    assert [row[2] for row in rows] == [{"sms_mo": "moc", "sms_mt": "mtc"}.get(k, k) for k in KINDS]
    assert rows[0] == (
        "CDFRAF1DEUAB00012-1",
        "in",
        "moc",
        "voice",
        Decimal("61.000"),
        "second",
        Decimal("0.100000"),
        Decimal("0.234600"),
        "XDR",
        Decimal("1.185000000"),
        # 23:10:05 at +0200; in Berlin it is 23:10 too.
        "2026-06-30 21:10:05",
        "+0200",
        "2026-06-30",
    )
    kinds = [(row[3], row[4], row[5]) for row in rows]
    assert kinds[2:5] == [
        ("sms", Decimal(1), "event"),
        ("sms", Decimal(1), "event"),
        ("data", Decimal(70_300), "byte"),
    ]
    assert kinds[5:] == [
        ("sms", Decimal(1), "event"),
        ("voice", Decimal(61), "second"),
        ("supplementary", Decimal(1), "event"),
        ("sms", Decimal(1), "event"),
    ]
    (file,) = landing.rows(
        "sender_tadig_code, sequence_no, file_kind_code, record_count, severe_count, total_amount,"
        " currency_code, created_at::varchar",
        FILES,
    )
    # 1000 + ... + 1008 with four decimals.
    wanted = ("FRAF1", 12, "tap", 9, 0, Decimal("0.903600"), "XDR", "2026-07-01 12:00:00")
    assert file == wanted


def test_no_column_of_the_contracts_is_forgotten(tmp_path: Path) -> None:
    some = [event("gprs", partial_type="F", discount=3, camel_fee=2), *one_of_each()]
    back = [Return("severe", 12, 30, 3, event("gprs"))]
    landing = landed(
        tmp_path,
        ALL,
        (HEAD.name, tap_file(HEAD, some)),
        ("RCFRAF1DEUAB00012", rap_file(HEAD, back)),
    )
    for feed in ("tap_files", "tap_records"):
        contract = load_contracts()[feed]
        counts = ", ".join(f"{one.name} is not null" for one in contract.columns)
        rows = landing.rows(counts, contract.table)
        found = [any(row[no] for row in rows) for no in range(len(contract.columns))]
        empty = [
            one.name for one, is_there in zip(contract.columns, found, strict=True) if not is_there
        ]
        assert empty == []
    assert {row[0] for row in landing.rows("sender_currency_code", FILES)} == {"EUR", None}


def test_what_the_records_charge_is_what_the_file_states(tmp_path: Path) -> None:
    landing = landed(tmp_path, ONLY_TAP, ("a", tap_file(HEAD, one_of_each())))
    charged = sum(row[0] for row in landing.rows("charge_amount", RECORDS))
    assert landing.rows("total_amount", FILES) == [(charged,)]


def test_a_record_that_cannot_be_used_waits_in_quarantine(tmp_path: Path) -> None:
    some = [event(), event(duration_seconds=-5), event(imsi="262"), event("gprs")]
    landing = landed(tmp_path, ONLY_TAP, (HEAD.name, tap_file(HEAD, some)))
    name = f"tap/{HEAD.name}"
    records = [one for one in landing.ledger.files() if one.feed == "tap_records"]
    assert [(one.loaded_count, one.quarantined_count) for one in records] == [(2, 2)]
    assert accounted(records[0]) == records[0].line_count == 4
    held = list_quarantine(landing.home, "tap_records")
    assert [(one.source_file, one.source_row, one.reason_code) for one in held] == [
        (name, 2, "negative"),
        (name, 3, "pattern"),
    ]
    assert held[1].column_name == "imsi" and held[1].value != "262"
    lines = read_lines(landing.home, "tap_records", records[0].file_hash)
    assert '"tag": "TotalCallEventDuration", "value": "-5"' in lines[2]
    assert landing.rows("severe_count", FILES) == [(1,)]


def test_wrong_files_are_refused_and_the_others_go_on(tmp_path: Path) -> None:
    good = tap_file(HEAD, one_of_each())
    files = {
        "good": good,
        "glued": good + tap_file(replace(HEAD, sequence_no=13), one_of_each()),
        "cut": good[:-3],
        "nrtrde": nrtrde_file(HEAD, [event()]),
        "old": tap_file(replace(HEAD, release=4, sequence_no=14), one_of_each()),
        "astray": tap_file(replace(HEAD, recipient="ESPXX", sequence_no=15), one_of_each()),
    }
    landing = landed(tmp_path, ONLY_TAP, *files.items())
    for feed, count in (("tap_files", 1), ("tap_records", 9)):
        found = {
            one.source_file.removeprefix("tap/"): one
            for one in landing.ledger.files()
            if one.feed == feed
        }
        assert found.pop("good").loaded_count == count
        assert {one.status for one in found.values()} == {"refused"}
        assert {one.code for one in found.values()} == {"TIE-3020"}
        assert f"byte {len(good)}: the file ends here" in found["glued"].reason
        assert "NRTRDE, not TAP" in found["nrtrde"].reason
        assert "release 3.4" in found["old"].reason
        assert "tadig_codes" in found["astray"].reason


def test_notifications_nrtrde_and_returns_land_as_what_they_are(tmp_path: Path) -> None:
    back = replace(HEAD, sender="DEUAB", recipient="FRAF1", sequence_no=3)
    returns = [
        Return("severe", 12, 30, 2, event("gprs")),
        Return("fatal", 11, 50),
        Return("missing", 9),
    ]
    landing = landed(
        tmp_path,
        ALL,
        (HEAD.name, tap_file(HEAD, [event()])),
        ("CDFRAF1DEUAB00013", notification(replace(HEAD, sequence_no=13))),
        (nrtrde_name(HEAD), nrtrde_file(HEAD, [event(), event("gprs")])),
        ("RCDEUABFRAF100003", rap_file(back, returns)),
    )
    files = landing.rows("file_kind_code, direction_code, sequence_no, record_count", FILES)
    assert sorted(files) == [
        ("notification", "in", 13, 0),
        ("nrtrde", "in", 12, 2),
        ("rap", "out", 3, 3),
        ("tap", "in", 12, 1),
    ]
    rows = landing.rows(
        "tap_record_id, record_type_code, charge_amount, returned_sequence_no, returned_record_no,"
        " error_codes, started_at::varchar",
        RECORDS,
    )
    rows.sort()
    assert [row[:2] for row in rows] == [
        ("CDFRAF1DEUAB00012-1", "moc"),
        ("NRFRAF1DEUAB0000012-1", "moc"),
        ("NRFRAF1DEUAB0000012-2", "gprs"),
        ("RCDEUABFRAF100003-1", "severe_return"),
        ("RCDEUABFRAF100003-2", "fatal_return"),
        ("RCDEUABFRAF100003-3", "missing_return"),
    ]
    assert rows[1][2] is None
    assert rows[3][2:] == (Decimal("1.234500"), 12, 2, "30", "2026-06-30 23:10:05")
    assert rows[4][2:6] == (None, 11, None, "50")
    assert rows[5][3] == 9


@pytest.mark.parametrize("ending", [".gz", ".zip"])
def test_packed_files_are_read_too(tmp_path: Path, ending: str) -> None:
    content = tap_file(HEAD, one_of_each())
    packed = gzip.compress(content)
    if ending == ".zip":
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr(HEAD.name, content)
        packed = stream.getvalue()
    landing = landed(tmp_path, ONLY_TAP, (HEAD.name + ending, packed))
    assert len(landing.rows("imsi", RECORDS)) == 9
