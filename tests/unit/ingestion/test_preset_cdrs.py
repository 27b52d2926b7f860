"""Call records as switches write them, made here with the traps that real ones have."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.ingestion.exports import counts, load_with

USAGE = "network_record_id, service_id, other_party_number, started_at, quantity, unit_code"
ANSWERED = {
    "accountcode": "", "src": "030111222", "dst": "00441632960000", "dcontext": "from-internal",
    "clid": '""Müller, Jan"" <030111222>', "channel": "SIP/100-0001", "dstchannel": "SIP/t-0002",
    "lastapp": "Dial", "lastdata": "SIP/t/0044,60,Tt", "start": "2026-07-31 23:59:50",
    "answer": "2026-08-01 00:00:02", "end": "2026-08-01 00:01:35", "duration": "105",
    "billsec": "93", "disposition": "ANSWERED", "amaflags": "DOCUMENTATION",
    "uniqueid": "1785535190.7", "userfield": "", "sequence": "12",
}  # fmt: skip
MISSED = {
    "answer": "", "end": "2026-08-01 00:00:20", "duration": "30", "billsec": "0",
    "disposition": "NO ANSWER", "uniqueid": "1785535190.8",
}  # fmt: skip
ORDER = {
    "asterisk_cdr_csv": "accountcode src dst dcontext clid channel dstchannel lastapp lastdata"
    " start answer end duration billsec disposition amaflags uniqueid userfield",
    "asterisk_cdr_csv_short": "accountcode src dst dcontext clid channel dstchannel lastapp"
    " lastdata start answer end duration billsec disposition amaflags",
    "asterisk_cdr_custom": "clid src dst dcontext channel dstchannel lastapp lastdata start answer"
    " end duration billsec disposition amaflags accountcode uniqueid userfield sequence",
}
KEYS = {
    "asterisk_cdr_csv": "1785535190.7",
    "asterisk_cdr_csv_short": "SIP/100-0001@2026-07-31 23:59:50",
    "asterisk_cdr_custom": "1785535190.7-12",
}


def record(order: str, **changes: str) -> str:
    fields = {**ANSWERED, **changes}
    return ",".join(f'"{fields[name]}"' for name in order.split()) + "\n"


@pytest.mark.parametrize("preset", ORDER)
def test_asterisk_bills_from_answer_and_keeps_missed_calls(preset: str, tmp_path: Path) -> None:
    path = tmp_path / "Master.csv"
    path.write_text(record(ORDER[preset]) + record(ORDER[preset], **MISSED))
    loaded = load_with(tmp_path / "p", preset, path)
    assert counts(loaded) == (2, 2, 0)
    assert loaded.warnings == []
    first, second = loaded.rows(USAGE)
    # answered after midnight in Berlin: still the day before in UTC
    assert first == (
        KEYS[preset], "4930111222", "441632960000", "2026-07-31 22:00:02", "93.000", "second",
    )  # fmt: skip
    assert second[3:5] == ("2026-07-31 21:59:50", "0.000")


def test_cdr_csv_read_as_cdr_custom_is_doubted(tmp_path: Path) -> None:
    path = tmp_path / "Master.csv"
    path.write_text(record(ORDER["asterisk_cdr_csv"] + " sequence"))
    loaded = load_with(tmp_path / "p", "asterisk_cdr_custom", path)
    assert loaded.file.quarantined_count + len(loaded.warnings) > 0
    assert any("disposition_is_known" in what for _, what in loaded.warnings)


def test_freeswitch_csv_loads(tmp_path: Path) -> None:
    uuid = "0b1c2d3e-4f50-4111-8222-93a4b5c6d7e8"
    row = (
        '"Jan ""JM"" Müller","1001","+4930555","default","2026-07-01 10:00:00","{answer}",'
        f'"2026-07-01 10:01:10","70","{{billsec}}","{{cause}}","{uuid}","","1001","PCMA","PCMA"\n'
    )
    path = tmp_path / "cdr.csv"
    path.write_text(
        row.format(answer="2026-07-01 10:00:10", billsec=60, cause="NORMAL_CLEARING")
        + row.format(answer="", billsec=0, cause="NO_ANSWER").replace(uuid, "not-one")
    )
    loaded = load_with(tmp_path / "p", "freeswitch_cdr_csv", path)
    assert counts(loaded) == (2, 2, 0)
    assert loaded.rows(USAGE)[0] == (
        uuid, "1001", "4930555", "2026-07-01 08:00:10", "60.000", "second",
    )  # fmt: skip
    assert [what[:41] for _, what in loaded.warnings] == [
        "1 line breaks the check uuid_is_a_uuid: r"
    ]


def test_cgrates_nanoseconds_bytes_and_messages(tmp_path: Path) -> None:
    row = (
        "a1,*default,{},o1,*postpaid,cgrates.org,call,1001,1001,+4930555,2026-07-01T10:00:00Z,"
        "{},{},{}\n"
    )
    path = tmp_path / "cdrs.csv"
    path.write_text(
        "#CGRID,RunID,ToR,OriginID\n"
        + row.format("*voice", "2026-07-01T10:00:02Z", "61500000000", "0.1234")
        + row.format("*data", "2026-07-01T10:00:02Z", "1048576", "0.5")
        + row.format("*sms", "", "1", "0.07")
    )
    loaded = load_with(tmp_path / "p", "cgrates_cdr_csv", path)
    assert counts(loaded) == (4, 3, 0)
    columns = "service_code, started_at, quantity, unit_code, charge_amount, other_party_number"
    assert loaded.rows(columns) == [
        ("voice", "2026-07-01 10:00:02", "61.500", "second", "0.123400", "4930555"),
        ("data", "2026-07-01 10:00:02", "1048576.000", "byte", "0.500000", None),
        ("sms", "2026-07-01 10:00:00", "1.000", "event", "0.070000", "4930555"),
    ]
    assert loaded.warnings == []


def test_ipdr_records_are_parts_of_a_flow(tmp_path: Path) -> None:
    header = (
        "CmtsHostName,CmMacAddr,RecType,RecCreationTime,ServiceIdentifier,ServiceDirection,"
        "ServiceOctetsPassed\n"
    )
    row = "cmts1,00:11:22:33:44:55,{},2026-07-01T10:{}:00Z,77,2,{}\n"
    path = tmp_path / "samis.csv"
    path.write_text(header + row.format(1, 15, 500) + row.format("Stop", 30, 900))
    loaded = load_with(tmp_path / "p", "ipdr_samis_csv", path)
    assert counts(loaded) == (3, 2, 0)
    assert loaded.rows("session_id, part_type_code, quantity, unit_code, started_at") == [
        ("cmts1:00:11:22:33:44:55:77", "interim", "500.000", "byte", "2026-07-01 10:15:00"),
        ("cmts1:00:11:22:33:44:55:77", "stop", "900.000", "byte", "2026-07-01 10:30:00"),
    ]


def test_flatstore_lines_are_starts_and_stops_and_a_failed_call_is_whole(tmp_path: Path) -> None:
    line = "{}|f1|t1|{}|{}|x|{}|4930111|sip.example|192.0.2.1|030555|030555|sip.example\n"
    path = tmp_path / "acc.log"
    path.write_text(
        line.format("BYE", "c1", 200, 1782900120)
        + line.format("INVITE", "c1", 200, 1782900000)
        + line.format("INVITE", "c2", 486, "2026-07-01 12:00:00")
    )
    loaded = load_with(tmp_path / "p", "kamailio_acc_flatstore", path)
    assert counts(loaded) == (3, 3, 0)
    columns = "session_id, part_type_code, started_at, quantity, other_party_number"
    assert loaded.rows(columns) == [
        ("c1", "stop", "2026-07-01 10:02:00", "0.000", "4930555"),
        ("c1", "start", "2026-07-01 10:00:00", "0.000", "4930555"),
        (None, None, "2026-07-01 10:00:00", "0.000", "4930555"),
    ]
    assert loaded.warnings == []
