"""Files that nobody described: what is proposed for them, and that it loads."""

from __future__ import annotations

import gzip
import json
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from ingestion.errors import ConfigError
from ingestion.mapping import Project, feed_mapping, load_project
from ingestion.suggest.propose import Proposal, suggest
from ingestion.trial import check

OPERATOR = """
[operator]
name = "Operador"
time_zone = "America/Bogota"
currency_code = "COP"
home_country_code = "57"
"""
CALLS = "Id Llamada;Línea Origen;Número Destino;Fecha;Hora Inicio;Minutos;Tipo;Valor;Cuenta"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "tieout.toml").write_text(OPERATOR)
    (tmp_path / "landing").mkdir()
    return load_project(tmp_path)


def best(project: Project, name: str, text: str, feed: str | None = None) -> Proposal:
    path = project.landing / name
    path.write_text(text, encoding="utf-8")
    found = suggest(project, path, feed)
    one = found.proposals[0]
    assert one.tried and one.would_load == one.tried, one.notes
    return one


def expressions(proposal: Proposal) -> dict[str, str]:
    return {one.column.name: one.expression or " ".join(one.sources) for one in proposal.matches}


def spanish_calls(count: int = 40) -> str:
    rows = [
        f"LL{no:05d};30012345{no:02d};6015554433;{no % 28 + 1:02d}/07/2026;{no % 24:02d}:15:00;"
        f"{no},5;{'SMS' if no % 4 == 0 else 'VOZ'};1.{no:03d},50;C{no % 7}"
        for no in range(count)
    ]
    return "\n".join([CALLS, *rows]) + "\n"


def test_spanish_calls_with_a_charge_are_rated_usage(project: Project) -> None:
    one = best(project, "llamadas_202607.csv", spanish_calls())
    assert (one.feed, one.missing) == ("rated_usage", ())
    told = expressions(one)
    assert told["rated_usage_id"] == "Id Llamada"
    assert told["quantity"] == "minutes_to_seconds(decimal_comma(Minutos))"
    assert told["started_at"] == ("strptime(Fecha || ' ' || \"Hora Inicio\", '%d/%m/%Y %H:%M:%S')")
    assert told["service_id"] == "Línea Origen"
    assert 'national_prefix = "", national_lengths = [10] }' in one.toml
    assert told["charge_amount"] == "Valor"
    assert told["unit_code"] == "case when Tipo in ('SMS') then 'event' else 'second' end"
    assert told["currency_code"] == "'COP'"
    for line in ('path = "llamadas_*.csv"', 'delimiter = ";"', 'decimal_separator = ","'):
        assert line in one.toml
    assert 'VOZ = "voice"' in one.toml and 'SMS = "sms"' in one.toml


def test_german_invoices_are_invoices(project: Project) -> None:
    rows = [
        f"R{no};K{no % 3};01.08.2026;1.0{no:02d},10;190,00;1.2{no:02d},10;EUR" for no in range(30)
    ]
    text = "Rechnungsnummer;Kundennummer;Rechnungsdatum;Netto;MwSt;Brutto;Währung\n"
    one = best(project, "rechnungen.csv", text + "\n".join(rows) + "\n")
    assert one.feed == "invoices"
    assert expressions(one) == {
        "invoice_id": "Rechnungsnummer",
        "account_id": "Kundennummer",
        "invoiced_on": "strptime(Rechnungsdatum, '%d.%m.%Y')::date",
        "net_amount": "Netto",
        "tax_amount": "MwSt",
        "total_amount": "Brutto",
        "currency_code": "Währung",
    }


def test_the_third_of_net_tax_and_total_is_computed(project: Project) -> None:
    rows = [f"F-{no},A{no},2026-08-01,{100 + no}.00,{19 + no}.00" for no in range(30)]
    text = "invoice_no,customer,issue_date,total,vat\n" + "\n".join(rows) + "\n"
    one = best(project, "bills.csv", text)
    assert expressions(one)["net_amount"] == (
        "cast(total as decimal(18, 6)) - cast(vat as decimal(18, 6))"
    )


@pytest.mark.parametrize(
    ("factor", "expression"),
    [
        (1000, "cast(dur as decimal(18, 3)) * 0.001"),
        (1, "dur"),
        (1 / 60, "minutes_to_seconds(dur)"),
    ],
)
def test_start_and_end_prove_the_unit_of_a_duration(
    project: Project, factor: float, expression: str
) -> None:
    rows = [
        f"{no},573001234567,2026-07-01 10:00:00,2026-07-01 10:{no % 50 + 1:02d}:00,"
        f"{round((no % 50 + 1) * 60 * factor)}"
        for no in range(60)
    ]
    text = "call_id,msisdn,start_time,end_time,dur\n" + "\n".join(rows) + "\n"
    told = expressions(best(project, "cdr.csv", text, "network_usage"))["quantity"]
    assert told == expression


@pytest.mark.parametrize(
    ("digits", "expression"),
    [
        ("000", "from_epoch_ms(ts)"),
        ("", "from_epoch(ts)"),
        ("000000", "from_epoch_us(ts)"),
        ("000000000", "from_epoch_ns(ts)"),
    ],
)
def test_json_lines_with_epochs_in_any_unit(project: Project, digits: str, expression: str) -> None:
    lines = [
        json.dumps(
            {
                "uuid": f"u{no}",
                "ts": int(f"{1782900000 + 61 * no}{digits}"),
                "caller": "+573001234567",
                "volume_mb": f"{no}.25",
                "type": "data",
            }
        )
        for no in range(30)
    ]
    one = best(project, "events.jsonl", "\n".join(lines) + "\n", "network_usage")
    told = expressions(one)
    assert told["started_at"] == expression
    assert told["quantity"] == "mb_to_bytes(volume_mb)"
    assert told["unit_code"] == "'byte'"
    assert told["network_record_id"] == "uuid"


def test_a_file_without_header_gets_names_by_place(project: Project) -> None:
    rows = [f"{no}|573001234567|2026-07-01T10:00:{no:02d}Z|{no * 7}" for no in range(30)]
    path = project.landing / "raw.txt"
    path.write_text("\n".join(rows) + "\n")
    one = suggest(project, path, "network_usage").proposals[0]
    assert "header = false" in one.toml
    assert 'column_names = ["c1", "c2", "c3", "c4"]' in one.toml
    assert expressions(one)["started_at"] == "c3"


def test_quotes_packing_and_a_trailer_are_seen(project: Project) -> None:
    rows = [f'"{no}","Pérez, {no}","2026-07-01","{no}.50","USD"' for no in range(30)]
    text = '"payment_id","customer","date","amount","currency"\n' + "\n".join(rows) + "\nTRL,30\n"
    path = project.landing / "payments_20260701.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    found = suggest(project, path)
    assert (found.dialect.quote, found.dialect.trailer) == ('"', "TRL")
    one = found.proposals[0]
    assert (one.feed, one.would_load) == ("payments", 30)
    assert 'trailer = { starts_with = "TRL" }' in one.toml
    assert 'path = "payments_*.csv.gz"' in one.toml


def test_codes_that_nobody_knows_are_asked_for(project: Project) -> None:
    rows = [
        f"{no};573001234567;2026-07-01 10:00:00;{no};{['VOZ', 'XYZ'][no % 2]};OUT"
        for no in range(40)
    ]
    path = project.landing / "uso.csv"
    path.write_text("id;msisdn;inicio;segundos;servicio;direction\n" + "\n".join(rows) + "\n")
    one = suggest(project, path, "network_usage").proposals[0]
    assert "# XYZ = ?  # one of voice, sms, data" in one.toml
    assert 'OUT = "originating"' in one.toml
    assert one.would_load == 20
    assert any("nobody knows the code 'XYZ'" in note for note in one.notes)


def test_what_a_contract_needs_and_the_file_lacks_is_named(project: Project) -> None:
    path = project.landing / "x.csv"
    path.write_text("msisdn,colour\n" + "".join(f"57300{no},red\n" for no in range(30)))
    one = suggest(project, path, "network_usage").proposals[0]
    assert {"started_at", "quantity"} <= set(one.missing)
    assert '# started_at = ""  # required: Start.' in one.toml


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\x00\x01\x02\xff" * 50, b"1,2," * (5 << 20)], ids=range(4)
)
def test_what_is_no_table_is_refused_with_a_fix(project: Project, content: bytes) -> None:
    path = project.landing / "odd.bin"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        suggest(project, path)
    assert refused.value.fix


def test_events_that_nothing_numbers_are_numbered_by_what_they_are(project: Project) -> None:
    rows = [f"573001234567,VOICE,2026-07-{no:02d}T09:15:00,{no * 60}" for no in range(1, 29)]
    text = "subscriber_no,service_type,timestamp,quantity\n" + "\n".join(rows) + "\n"
    one = best(project, "cdrs.csv", text)
    assert (one.feed, one.missing) == ("network_usage", ())
    assert expressions(one)["network_record_id"] == (
        "coalesce(subscriber_no, '') || '@' || coalesce(\"timestamp\", '') || '@' ||"
        " coalesce(service_type, '')"
    )
    assert any("network_record_id" in note and "guess" in note for note in one.notes)


def test_a_known_export_is_recognised_and_its_preset_proposed(project: Project) -> None:
    rows = [
        f'"","030111","0049555","out","x","SIP/1","SIP/2","Dial","a,b","2026-07-01 10:00:{no:02d}",'
        f'"2026-07-01 10:00:{no:02d}","2026-07-01 10:01:{no:02d}","60","60","ANSWERED",'
        f'"DOCUMENTATION","17855.{no}",""'
        for no in range(10, 40)
    ]
    one = best(project, "Master.csv", "\n".join(rows) + "\n")
    assert (one.feed, one.preset) == ("network_usage", "asterisk_cdr_csv")
    assert 'time_zone = "America/Bogota"  # is it so?' in one.toml


def test_records_are_found_inside_an_envelope(project: Project) -> None:
    rows = [
        {
            "id": f"P{no}",
            "account": {"id": f"A{no % 3}"},
            "date": "2026-07-01",
            "amount": f"{no}.50",
        }
        for no in range(30)
    ]
    one = best(project, "payments.json", json.dumps({"count": 30, "payments": rows}))
    assert one.feed == "payments"
    assert 'format = "json"\nrecords = "payments"' in one.toml
    assert expressions(one)["account_id"] == "account.id"
    assert 'account_id = "\\"account.id\\""' in one.toml


def test_a_tm_forum_bill_is_recognised(project: Project) -> None:
    bill = {
        "id": "B1", "@type": "CustomerBill", "billNo": "7", "billDate": "2026-08-01T00:00:00Z",
        "billingAccount": {"id": "A1"}, "billingPeriod": {"startDateTime": "2026-07-01T00:00:00Z"},
        "taxExcludedAmount": {"unit": "COP", "value": 100}, "state": "sent",
        "taxIncludedAmount": {"unit": "COP", "value": 119},
    }  # fmt: skip
    one = best(project, "bill.json", json.dumps([bill]))
    assert (one.feed, one.preset) == ("invoices", "tmf678_bills")


def test_xml_records_are_the_elements_that_repeat(project: Project) -> None:
    rows = "".join(
        f'<call no="{no}"><caller>573001234567</caller><start>2026-07-01T10:00:{no:02d}</start>'
        f"<seconds>{no}</seconds></call>"
        for no in range(30)
    )
    text = f"<?xml version='1.0'?><export><calls>{rows}</calls></export>"
    one = best(project, "calls.xml", text, "network_usage")
    assert 'format = "xml"\nrecords = "call"' in one.toml
    assert expressions(one)["service_id"] == "caller"


def test_latin_1_and_comments_are_said(project: Project) -> None:
    text = "Número;Cliente;Fecha;Importe\n# 30 filas\n" + "".join(
        f"P{no};Peña {no};2026-07-01;{no},50\n" for no in range(30)
    )
    path = project.landing / "pagos.csv"
    path.write_bytes(text.encode("latin-1"))
    one = suggest(project, path, "payments").proposals[0]
    assert 'encoding = "latin-1"\ncomment = "#"' in one.toml
    assert (one.tried, one.would_load) == (30, 30)


def test_a_session_alone_numbers_the_records(project: Project) -> None:
    rows = [f"s{no},573001234567,2026-07-01 10:00:00,{no}" for no in range(30)]
    text = "session_id,msisdn,start_time,seconds\n" + "\n".join(rows) + "\n"
    told = expressions(best(project, "sessions.csv", text, "network_usage"))
    assert told["network_record_id"] == "session_id"
    assert "session_id" not in told and "part_type_code" not in told


def test_an_archive_is_looked_into(project: Project) -> None:
    path = project.landing / "calls_202607.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("calls.csv", spanish_calls())
    one = suggest(project, path).proposals[0]
    assert (one.feed, one.would_load) == ("rated_usage", 40)
    assert 'path = "calls_*.zip"' in one.toml
    mapped = feed_mapping(one.feed, tomllib.loads(one.toml)["feeds"][one.feed])
    assert check(replace(project, feeds={one.feed: mapped}), one.feed).loaded_count == 40
