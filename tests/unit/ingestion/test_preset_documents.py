"""Call and session records written as documents, made here with the traps that real ones have."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.ingestion.exports import counts, load_with

USAGE = "network_record_id, service_id, call_type_code, other_party_number, started_at, quantity"


def leg(uuid: str, **variables: str) -> str:
    """One document of mod_json_cdr: every value a text, the profile in a list."""
    said = {
        "uuid": uuid, "direction": "inbound", "start_epoch": "1782900000",
        "start_uepoch": "1782900000123456", "answer_uepoch": "1782900010000000",
        "duration": "70", "billsec": "60", **variables,
    }  # fmt: skip
    profile = {"caller_id_number": "1001", "destination_number": "030555"}
    document = {
        "core-uuid": "c1", "switchname": "fs1", "channel_data": {"direction": said["direction"]},
        "variables": said, "callflow": [{"caller_profile": profile}],
    }  # fmt: skip
    return json.dumps(document, indent=1)


def test_freeswitch_json_takes_microseconds_and_says_whose_leg_it_is(tmp_path: Path) -> None:
    path = tmp_path / "cdr.json"
    missed = {"answer_uepoch": "0", "billsec": "0"}
    path.write_text(leg("a") + leg("b", originating_leg_uuid="a") + leg("c", **missed))
    loaded = load_with(tmp_path / "p", "freeswitch_cdr_json", path)
    assert counts(loaded) == (3, 3, 0)
    assert loaded.rows(USAGE) == [
        ("a", "1001", "originating", "4930555", "2026-07-01 10:00:10", "60.000"),
        ("b", "1001", "originating", "4930555", "2026-07-01 10:00:10", "60.000"),
        ("c", "1001", "originating", "4930555", "2026-07-01 10:00:00.123456", "0.000"),
    ]
    assert loaded.rows("session_id, part_type_code") == [
        ("a", "partial"),
        ("a", "leg"),
        ("c", "partial"),
    ]
    assert loaded.warnings == []


def test_freeswitch_seconds_that_are_not_the_microseconds_are_doubted(tmp_path: Path) -> None:
    path = tmp_path / "cdr.json"
    path.write_text(leg("a", start_epoch="1782900001"))
    loaded = load_with(tmp_path / "p", "freeswitch_cdr_json", path)
    assert [what.split(": ")[0] for _, what in loaded.warnings] == [
        "1 line breaks the check microseconds_are_the_seconds"
    ]


CDR = """<cdrData><headerModule><recordId><eventCounter>{no}</eventCounter><systemId>as1</systemId>
<date>20260731215950.1</date><systemTimeZone>1-050000</systemTimeZone></recordId><type>{type}</type></headerModule>
<basicModule><userNumber>+4930111222</userNumber><direction>{direction}</direction><callingNumber>+4930999</callingNumber>
<calledNumber>+44163296</calledNumber><startTime>20260731215950.100</startTime><answerIndicator>{answered}</answerIndicator>
<answerTime>20260731220002.250</answerTime><releaseTime>20260731220135.500</releaseTime></basicModule></cdrData>
"""


def test_broadworks_legs_are_told_apart_and_timed_to_the_millisecond(tmp_path: Path) -> None:
    path = tmp_path / "bw.xml"
    whole = {"type": "Normal", "answered": "Yes", "direction": "Originating"}
    records = [
        CDR.format(no=1, **whole),
        CDR.format(no=2, **{**whole, "direction": "Terminating"}),
        CDR.format(no=3, **{**whole, "answered": "No"}),
        CDR.format(no=4, **{**whole, "type": "Start"}),
    ]
    path.write_text(
        f"<?xml version='1.0'?><BroadWorksCDR version='17'>{''.join(records)}</BroadWorksCDR>"
    )
    loaded = load_with(tmp_path / "p", "broadworks_xml", path)
    assert counts(loaded) == (4, 4, 0)
    rows = loaded.rows(USAGE)
    assert rows[0] == (
        "as1:1", "4930111222", "originating", "44163296", "2026-07-31 22:00:02.25", "93.250",
    )  # fmt: skip
    assert rows[1][2:4] == ("terminating", "4930999")
    assert rows[2][5] == "0.000"
    assert [what.split(": ")[0] for _, what in loaded.warnings] == [
        "1 line breaks the check record_is_a_whole_call"
    ]


DETAIL = """Wed Jul  1 12:{minute}:00 2026
\tAcct-Session-Id = "5A1"
\tAcct-Status-Type = {status}
\tUser-Name = "line77@isp"
\tNAS-IP-Address = 192.0.2.1
\tAcct-Session-Time = {seconds}
\tAcct-Input-Octets = 4294967290
\tAcct-Output-Octets = 10
\tAcct-Input-Gigawords = 1
\tAcct-Output-Gigawords = 0
{more}
"""


def test_radius_requests_are_parts_of_a_session(tmp_path: Path) -> None:
    path = tmp_path / "detail-20260701"
    path.write_text(
        DETAIL.format(minute="00", status="Start", seconds=0, more="")
        + DETAIL.format(minute="10", status="Interim-Update", seconds=600, more="")
        # 12:20 in Berlin is 10:20 UTC, as Timestamp says
        + DETAIL.format(minute="20", status="Stop", seconds=1200, more="\tTimestamp = 1782901200\n")
    )
    loaded = load_with(tmp_path / "p", "radius_detail", path)
    assert loaded.file.quarantined_count == 0
    rows = loaded.rows("session_id, part_type_code, started_at, quantity, unit_code, service_id")
    # 4,294,967,290 and 10 octets, and one gigaword of input
    octets = "8589934596.000"
    assert rows == [
        ("5A1", "start", "2026-07-01 10:00:00", "0.000", "byte", "line77@isp"),
        ("5A1", "interim", "2026-07-01 10:10:00", octets, "byte", "line77@isp"),
        ("5A1", "stop", "2026-07-01 10:20:00", octets, "byte", "line77@isp"),
    ]
    assert loaded.warnings == []
