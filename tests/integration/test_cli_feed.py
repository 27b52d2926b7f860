"""`tieout feed`: a mapping is looked at and tried before anything is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Demo, Tieout

PROJECT = """
[operator]
name = "Telefonica Andina"
time_zone = "America/Bogota"
currency_code = "COP"
home_country_code = "57"

[feeds.network_usage]
path = "usage/*.csv"
delimiter = ";"
time_zone = "America/Bogota"
[feeds.network_usage.columns]
network_record_id = "id"
service_id = "origen"
other_party_number = "destino"
started_at = "inicio"
quantity = "cast(replace(minutos, ',', '.') as decimal(18, 3)) * 60"
service_code = "tipo"
unit_code = "'second'"
call_type_code = "'originating'"
[feeds.network_usage.code_lists.service_code]
"V" = "voice"
[feeds.network_usage.checks]
under_an_hour = "cast(replace(minutos, ',', '.') as decimal(18, 3)) < 60"
"""
HEADER = "id;origen;destino;inicio;minutos;tipo\n"
GOOD = "1;3001234567;6015554433;2026-07-31 22:30:00;1,5;V\n"
BAD = (
    "2;3001234567;6015554433;2026-07-01 10:00:00;dos;V\n"
    "3;3001234567;6015554433;2026-07-01 25:00:00;3;V\n"
    "4;3001234567;6015554433;2026-07-01 10:00:00;3;MMS\n"
    "5;300123;4567;6015554433;2026-07-01 10:00:00;3;V\n"
    "6;(--------);6015554433;2026-07-01 10:00:00;3;V\n"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tieout.toml").write_text(PROJECT)
    (tmp_path / "landing" / "usage").mkdir(parents=True)
    return tmp_path


def put(project: Path, text: str, name: str = "landing/usage/07.csv") -> Path:
    path = project / name
    path.write_text(HEADER + text)
    return path


def test_check_tells_what_would_load_and_loads_nothing(project: Path, tieout: Tieout) -> None:
    put(project, GOOD)
    done = tieout("feed", "check", "network_usage", "--json")
    assert done.code == 0, done.err
    assert (done.document["is_clean"], done.document["loaded_count"]) == (True, 1)
    [file] = done.document["files"]
    # 22:30 in Bogota is the next day in UTC and still July for the operator
    assert (file["source_file"], file["first_event_on"]) == ("usage/07.csv", "2026-07-31")
    assert not (project / ".tieout" / "raw").exists()


def test_check_names_each_reason_with_its_places_and_the_fix(project: Path, tieout: Tieout) -> None:
    put(project, GOOD + BAD)
    done = tieout("feed", "check", "network_usage", "--json")
    assert done.code == 3
    document = done.document
    assert (document["loaded_count"], document["quarantined_count"]) == (1, 5)
    told = {(one["reason_code"], one["column_name"]): one for one in document["reasons"]}
    assert set(told) == {
        ("type", "quantity"),
        ("type", "started_at"),
        ("allowed", "service_code"),
        ("column_count", None),
        ("type", "service_id"),
    }
    codes = told["allowed", "service_code"]
    assert codes["examples"] == [{"source_file": "usage/07.csv", "source_row": 5, "value": "MMS"}]
    assert 'code_lists.service_code] "MMS" = ' in codes["fix"]
    assert told["type", "service_id"]["examples"][0]["value"] == "********-)"
    assert "(-" not in done.out + done.err


def test_check_takes_one_file_from_anywhere(project: Path, tieout: Tieout) -> None:
    put(project, BAD)
    other = put(project, GOOD, "elsewhere [1].csv")
    done = tieout("feed", "check", "network_usage", other, "--json")
    assert done.code == 0, done.err
    assert [one["source_file"] for one in done.document["files"]] == ["elsewhere [1].csv"]
    done = tieout("feed", "check", "network_usage", "usage/07.csv")
    assert done.code == 3
    assert "0 would load, 5 would not" in done.out


def test_check_warns_where_a_sanity_check_is_broken(project: Path, tieout: Tieout) -> None:
    put(project, GOOD + GOOD.replace("1,5", "75").replace("1;", "2;", 1))
    done = tieout("feed", "check", "network_usage")
    assert done.code == 0
    assert "warning[TIE-3007]: 1 line breaks the check under_an_hour" in done.err
    assert "line 3" in done.err


def test_ingest_warns_too(project: Path, tieout: Tieout) -> None:
    put(project, GOOD.replace("1,5", "75"))
    done = tieout("ingest", "--json")
    warned = [one for one in done.document["messages"] if one["level"] == "warning"]
    assert [one["code"] for one in warned] == ["TIE-3007"]


def test_preview_shows_values_beside_what_the_file_says(project: Path, tieout: Tieout) -> None:
    put(project, GOOD + BAD)
    done = tieout("feed", "preview", "network_usage", "--json", "--limit", "2")
    first, second = done.document["rows"]
    told = {one["column"]: (one["value"], one["source"]) for one in first["columns"]}
    assert told["started_at"] == ("2026-08-01 03:30:00", "inicio = 2026-07-31 22:30:00")
    assert told["quantity"] == ("90.000", "minutos = 1,5")
    assert told["service_code"] == ("voice", "tipo = V")
    assert told["service_id"] == ("********67", "origen = ********67")
    assert told["unit_code"] == ("second", "")
    assert (second["source_row"], second["reason_code"], second["column_name"]) == (
        3,
        "type",
        "quantity",
    )
    assert "3001234567" not in done.out
    assert "times are UTC" in tieout("feed", "preview", "network_usage").out


def test_list_and_show_tell_the_contract_and_the_mapping(project: Path, tieout: Tieout) -> None:
    feeds = {one["feed"]: one for one in tieout("feed", "list", "--json").document["feeds"]}
    assert len(feeds) == 58
    assert feeds["network_usage"]["is_mapped"] and not feeds["invoices"]["is_mapped"]
    assert feeds["invoices"]["needed_by"] == [
        "BIL-03",
        "BIL-04",
        "BIL-05",
        "BIL-08",
        "BIL-11",
    ]
    shown = tieout("feed", "show", "network_usage", "--json").document
    assert shown["mapping"]["columns"]["started_at"] == "inicio"
    assert shown["key"] == ["network_record_id"]
    assert "generic" in [one["preset"] for one in shown["presets"]]
    told = tieout("feed", "show", "network_usage").out
    assert "voice | sms | data" in told and "columns.started_at = inicio" in told
    assert "not mapped" in tieout("feed", "show", "invoices").out


def test_list_counts_what_is_loaded(demo: Demo, tieout: Tieout) -> None:
    feeds = tieout("feed", "list", "--json", home=demo.home).document["feeds"]
    loaded = {one["feed"]: one["row_count"] for one in feeds if one["row_count"]}
    assert loaded["network_usage"] > 1000


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("check", "cdrs"), "TIE-2031"),
        (("show", "cdrs"), "TIE-2031"),
        (("preview", "invoices"), "TIE-2001"),
        (("check", "invoices"), "TIE-2001"),
        (("check", "network_usage", "none.csv"), "TIE-2001"),
        (("preview", "network_usage"), "TIE-2001"),
    ],
)
def test_wrong_use_is_exit_2_with_a_fix(
    words: tuple[str, ...], code: str, project: Path, tieout: Tieout
) -> None:
    done = tieout("feed", *words)
    assert (done.code, done.out) == (2, "")
    assert code in done.err and "fix:" in done.err


def test_a_file_that_cannot_be_read_is_exit_3(project: Path, tieout: Tieout) -> None:
    (project / "landing" / "usage" / "07.csv").write_text("a;a\n1;2\n")
    for command in ("check", "preview"):
        done = tieout("feed", command, "network_usage")
        assert done.code == 3
        assert "names a column twice" in done.err


USAGE = "Id Llamada;Línea Origen;Número Destino;Inicio;Segundos;Tipo\n" + "".join(
    f"L{no};30012345{no:02d};6015554433;{no % 28 + 1:02d}/07/2026 10:00:00;{no};VOZ\n"
    for no in range(40)
)


def test_suggest_prints_a_block_that_check_accepts(project: Path, tieout: Tieout) -> None:
    toml = project / "tieout.toml"
    toml.write_text(PROJECT.split("[feeds")[0])
    (project / "landing" / "usage" / "llamadas_07.csv").write_text(USAGE)
    done = tieout("feed", "suggest", "usage/llamadas_07.csv")
    assert done.code == 0, done.err
    assert done.out.startswith('[feeds.network_usage]\npath = "usage/llamadas_*.csv"')
    assert "40 of 40 lines would load" in done.err
    toml.write_text(toml.read_text() + done.out)
    checked = tieout("feed", "check", "network_usage", "--json")
    assert (checked.code, checked.document["loaded_count"]) == (0, 40)
    assert "3001234501" not in done.out + done.err


def test_suggest_writes_what_it_proposes_and_nothing_twice(project: Path, tieout: Tieout) -> None:
    toml = project / "tieout.toml"
    before = PROJECT.split("[feeds")[0] + "# mine"
    toml.write_text(before)
    toml.chmod(0o640)
    path = project / "landing" / "usage" / "llamadas_07.csv"
    path.write_text(USAGE)
    done = tieout("feed", "suggest", path, "--write", "--json")
    assert done.document["is_written"]
    assert toml.read_text().startswith(before + "\n")
    assert toml.stat().st_mode & 0o777 == 0o640
    assert tieout("feed", "check", "network_usage").code == 0
    again = tieout("feed", "suggest", path, "--write")
    assert again.code == 2
    assert "TIE-2033" in again.err
    assert toml.read_text() == before + "\n\n" + done.document["proposals"][0]["toml"]


def test_suggest_tells_what_is_missing_with_exit_3(project: Path, tieout: Tieout) -> None:
    path = project / "x.csv"
    path.write_text("msisdn,colour\n" + "".join(f"57300{no},red\n" for no in range(30)))
    done = tieout("feed", "suggest", path, "--feed", "network_usage", "--json")
    assert done.code == 3
    assert "started_at" in done.document["proposals"][0]["missing"]
    assert tieout("feed", "suggest", "none.csv").code == 2
    assert tieout("feed", "suggest", path, "--feed", "cdrs").code == 2


def test_a_second_feed_from_the_same_file_makes_both_share_it(
    project: Path, tieout: Tieout
) -> None:
    (project / "tieout.toml").write_text(PROJECT.split("[feeds")[0])
    rows = "".join(f"F{no};C{no};2026-08-01;100,00;19,00;119,00;COP\n" for no in range(30))
    path = project / "landing" / "facturas.csv"
    path.write_text("Factura;Cuenta;Fecha;Neto;IVA;Total;Moneda\n" + rows)
    assert tieout("feed", "suggest", path, "--write").code == 0
    assert "shares_files" not in (project / "tieout.toml").read_text()
    assert tieout("feed", "suggest", path, "--feed", "accounts", "--write").code == 0
    for feed in ("invoices", "accounts"):
        mapping = tieout("feed", "show", feed, "--json").document["mapping"]
        assert mapping["shares_files"] is True
        assert tieout("feed", "check", feed).code == 0
