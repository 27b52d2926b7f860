# ruff: noqa: DTZ001 - raw timestamps are UTC without saying so

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ingestion.scan
from ingestion.contracts import load_contracts
from ingestion.errors import ConfigError
from ingestion.report import FeedReport
from tests.unit.ingestion.landing import (
    HEADER,
    NAMES,
    USAGE,
    Landing,
    accounted,
    usage_file,
    usage_line,
)


def test_a_file_becomes_a_part_for_each_local_day(landing: Landing) -> None:
    lines = [
        usage_line(1, started_at="2026-07-01 21:59:59"),
        usage_line(2, started_at="2026-07-01 22:00:00"),
        usage_line(3, started_at="2026-07-01 10:00:00"),
    ]
    landing.put("net/a.csv", "\n".join([HEADER, *lines]) + "\n")
    landing.ingest()
    digest = landing.file("net/a.csv").file_hash
    assert sorted(part for part in landing.parts() if digest in part) == [
        f"mediation__network_usage/event_on=2026-07-01/{digest}.parquet",
        f"mediation__network_usage/event_on=2026-07-02/{digest}.parquet",
    ]
    assert landing.rows("network_record_id, _source_row, event_on") == [
        ("N000001", 2, date(2026, 7, 1)),
        ("N000002", 3, date(2026, 7, 2)),
        ("N000003", 4, date(2026, 7, 1)),
    ]
    file = landing.file("net/a.csv")
    assert (file.first_event_on, file.last_event_on) == (date(2026, 7, 1), date(2026, 7, 2))


def test_values_are_typed_and_traced(landing: Landing) -> None:
    landing.put("net/a.csv", "\n".join([HEADER, usage_line(1)]) + "\n")
    landing.ingest()
    digest = landing.file("net/a.csv").file_hash
    assert landing.rows(
        "network_record_id, partial_of_record_id, service_id, service_id_raw, service_code,"
        " other_party_number, other_party_number_raw, other_party_number_head, started_at,"
        " quantity, _source_file, _source_row, _file_hash"
    ) == [
        (
            "N000001",
            None,
            "4915112345678",
            "+4915112345678",
            "voice",
            "49301234567",
            "0301234567",
            493012345,
            datetime(2026, 7, 1, 10, 1),
            Decimal("60.500"),
            "net/a.csv",
            2,
            digest,
        )
    ]


def test_the_record_key_is_that_of_the_contract(landing: Landing) -> None:
    header = HEADER.replace("network_record_id", "network_record_id,partial_of_record_id")
    first, second = usage_line(1), usage_line(2)
    landing.put(
        "net/a.csv",
        f"{header}\n{first.replace(',', ',,', 1)}\n{second.replace(',', ',N000001,', 1)}\n",
    )
    landing.ingest()
    keys = landing.rows("_record_key, (md5_number_lower('N000001') >> 1)::BIGINT")
    assert keys[0] == keys[1] == (keys[0][1], keys[0][1])


def test_parts_and_empty_parts_have_the_types_of_the_contract(landing: Landing) -> None:
    landing.put("net/a.csv", usage_file(3))
    landing.ingest()
    contracts = load_contracts()
    for contract in contracts.values():
        described = _described(landing, contract.table)
        expected = list(contract.landed_columns())
        if contract.partition:
            expected.append((contract.partition.name, "DATE"))
        assert described == expected, contract.feed


def _described(landing: Landing, table: str) -> list[tuple[str, str]]:
    parts = f"{landing.home}/raw/{table}/**/*.parquet"
    query = f"DESCRIBE SELECT * FROM read_parquet('{parts}', hive_partitioning = true)"
    return [(row[0], row[1]) for row in duckdb.connect().execute(query).fetchall()]


def test_partition_by_month(tmp_path: Path) -> None:
    landing = Landing(tmp_path / "p", '[feeds.usage_files]\npath = "f.csv"\n')
    landing.put(
        "f.csv",
        "reported_by_code,ne_id,sequence_no,file_name,collection_no,closed_at,record_count\n"
        "element,msc1,7,a,1,2026-07-31 21:59:59,10\nmediation,msc1,7,a,1,2026-07-31 22:00:00,10\n",
    )
    landing.ingest()
    assert landing.rows("event_month, sequence_no", "mediation__usage_files") == [
        (date(2026, 7, 1), 7),
        (date(2026, 8, 1), 7),
    ]


CSV_VARIANTS: dict[str, tuple[str, Callable[[str], str]]] = {
    "semicolon": ('delimiter = ";"\n', lambda text: text.replace(",", ";")),
    "tab": ('delimiter = "\\t"\n', lambda text: text.replace(",", "\t")),
    "windows": ("", lambda text: text.replace("\n", "\r\n")),
    "no last line end": ("", lambda text: text.removesuffix("\n")),
    "byte order mark": ("", lambda text: "\ufeff" + text),
    "blank lines": ("", lambda text: text.replace("\n", "\n\n")),
    "quoted": (
        "quote = '\"'\n",
        lambda text: "".join('"' + line.replace(",", '","') + '"\n' for line in text.splitlines()),
    ),
    "no header": (
        f"header = false\ncolumn_names = {json.dumps(NAMES)}\n",
        lambda text: text.split("\n", 1)[1],
    ),
}


@pytest.mark.parametrize("variant", CSV_VARIANTS)
@pytest.mark.parametrize("packed", [False, True])
def test_one_content_in_many_shapes(tmp_path: Path, variant: str, packed: bool) -> None:
    options, change = CSV_VARIANTS[variant]
    name = "net/a.csv.gz" if packed else "net/a.csv"
    landing = Landing(tmp_path / "p", USAGE.replace("*.csv", "*") + options)
    content = change(usage_file(5)).encode()
    landing.put(name, gzip.compress(content) if packed else content)
    report = landing.ingest()
    assert report.refused == ()
    assert landing.rows("network_record_id, service_id, quantity, unit_code") == [
        (f"N{no:06d}", "4915112345678", Decimal("60.500"), "second") for no in range(1, 6)
    ]
    assert landing.file(name).quarantined_count == 0
    assert accounted(landing.file(name)) == landing.file(name).line_count


def test_json_lines(tmp_path: Path) -> None:
    landing = Landing(
        tmp_path / "p",
        USAGE.replace("csv", "jsonl")
        + 'format = "jsonl"\n[feeds.network_usage.columns]\n'
        + 'unit_code = "json_extract_string(meta, \'$.unit\')"\nservice_code = "upper_code"\n'
        + '[feeds.network_usage.code_lists.service_code]\nVOICE = "voice"\n',
    )
    good: dict[str, Any] = dict(zip(NAMES, usage_line(1).split(","), strict=True))
    del good["unit_code"], good["service_code"]
    good |= {"quantity": 60.5, "meta": {"unit": "second"}, "upper_code": "VOICE"}
    lines = [
        json.dumps(good),
        "",
        "[1, 2]",
        '{"network_record_id": ',
        json.dumps({**good, "quantity": None}),
    ]
    landing.put("net/a.jsonl", "\n".join(lines) + "\n")
    landing.ingest()
    assert landing.rows("network_record_id, quantity, unit_code, service_code, _source_row") == [
        ("N000001", Decimal("60.500"), "second", "voice", 1)
    ]
    assert landing.rows("source_row, reason_code, column_name", "tieout__quarantined_rows") == [
        (3, "json", None),
        (4, "json", None),
        (5, "required", "quantity"),
    ]
    assert landing.file("net/a.jsonl").blank_count == 1


def test_parquet(tmp_path: Path) -> None:
    landing = Landing(tmp_path / "p", USAGE.replace("csv", "parquet") + 'format = "parquet"\n')
    table = pa.table(
        {
            "network_record_id": ["N1", "N2", "N3"],
            "service_id": ["0151 1", "0151 2", None],
            "service_code": ["voice"] * 3,
            "call_type_code": ["originating"] * 3,
            "started_at": pa.array(
                [datetime(2026, 7, 1, 10)] * 3, pa.timestamp("us", "Europe/Berlin")
            ),
            "quantity": pa.array([0.1, 1e-3, 5.0], pa.float64()),
            "unit_code": ["second"] * 3,
        }
    )
    path = landing.put("net/a.parquet", b"")
    pq.write_table(table, path)
    landing.ingest()
    assert landing.rows("network_record_id, service_id, started_at, quantity, _source_row") == [
        ("N1", "491511", datetime(2026, 7, 1, 10), Decimal("0.100"), 1),
        ("N2", "491512", datetime(2026, 7, 1, 10), Decimal("0.001"), 2),
    ]
    assert landing.rows("source_row, reason_code, column_name", "tieout__quarantined_rows") == [
        (3, "required", "service_id")
    ]
    assert landing.file("net/a.parquet").line_count == 3


def test_times_without_offset_are_read_in_the_zone_of_the_feed(landing: Landing) -> None:
    landing.configure(USAGE + 'time_zone = "America/New_York"\n')
    landing.put(
        "net/a.csv",
        "\n".join(
            [
                HEADER,
                usage_line(1, started_at="2026-07-01 10:00:00"),
                usage_line(2, started_at="2026-07-01T10:00:00+02:00"),
                usage_line(3, started_at="2026-12-01 10:00"),
            ]
        ),
    )
    landing.ingest()
    assert landing.rows("started_at") == [
        (datetime(2026, 7, 1, 14),),
        (datetime(2026, 7, 1, 8),),
        (datetime(2026, 12, 1, 15),),
    ]


def test_own_formats_of_times_and_decimals(landing: Landing) -> None:
    landing.configure(
        USAGE + 'delimiter = ";"\ntimestamp_format = "%d.%m.%Y %H:%M:%S %z"\n'
        'decimal_separator = ","\n'
    )
    line = usage_line(1, started_at="01.07.2026 10:00:00 +0200", quantity="Q")
    text = f"{HEADER}\n{line}\n".replace(",", ";").replace("Q", "1.234,5")
    landing.put("net/a.csv", text)
    landing.ingest()
    assert landing.rows("started_at, quantity") == [(datetime(2026, 7, 1, 8), Decimal("1234.500"))]


def test_columns_may_be_expressions_and_codes_may_be_lists(landing: Landing) -> None:
    landing.configure(
        USAGE + '[feeds.network_usage.columns]\nquantity = "mins::DECIMAL(18,3) * 60"\n'
        "unit_code = \"'second'\"\n"
        '[feeds.network_usage.code_lists.call_type_code]\nMOC = "originating"\n'
    )
    header = HEADER.replace("quantity", "mins")
    good = usage_line(1, quantity="1.5", call_type_code="MOC", unit_code="ignored")
    bad = usage_line(2, quantity="long", call_type_code="MTC")
    landing.put("net/a.csv", f"{header}\n{good}\n{bad}\n")
    landing.ingest()
    assert landing.rows("quantity, unit_code, call_type_code") == [
        (Decimal("90.000"), "second", "originating")
    ]
    assert landing.rows("reason_code, column_name, value", "tieout__quarantined_rows") == [
        ("allowed", "call_type_code", "MTC")
    ]


def test_a_failing_expression_spoils_its_line_only(landing: Landing) -> None:
    landing.configure(USAGE + '[feeds.network_usage.columns]\nquantity = "mins::DECIMAL * 60"\n')
    header = HEADER.replace("quantity", "mins")
    lines = [usage_line(1, quantity="x"), usage_line(2, quantity="2"), usage_line(3, quantity="")]
    landing.put("net/a.csv", "\n".join([header, *lines]) + "\n")
    landing.ingest()
    assert landing.rows("network_record_id, quantity") == [("N000002", Decimal("120.000"))]
    assert landing.rows("source_row, reason_code, column_name", "tieout__quarantined_rows") == [
        (2, "type", "quantity"),
        (4, "required", "quantity"),
    ]


def test_the_tables_of_ingestion_itself(landing: Landing) -> None:
    landing.configure(
        USAGE + '[feeds.tickets]\npath = "tickets.csv"\n[[controls.schedule]]\n'
        'control_id = "USG-05"\nfrom_month = "2026-05"\nto_month = "2026-06"\nstate = "waived"\n'
        'reason = "migration"\napproved_by = "R. Auditor"\n'
    )
    landing.put("net/a.csv", usage_file(3, usage_line(9, service_code="fax"), ""))
    report = landing.ingest()
    feeds = {row[0]: row[1:] for row in landing.rows("*", "tieout__feeds")}
    assert len(feeds) == len(load_contracts())
    assert feeds["network_usage"] == ("mediation", True, 3, 1)
    assert feeds["tickets"] == ("crm", True, 0, 0)
    assert feeds["orders"] == ("crm", False, 0, 0)
    day = date(2026, 7, 1)
    digest = landing.file("net/a.csv").file_hash
    assert landing.rows("*", "tieout__landed_files") == [
        ("network_usage", "net/a.csv", digest, "loaded", "", 6, 1, 0, 1, 3, 1, 0, 0, 0, day, day)
    ]
    key = landing.rows("(md5_number_lower('N000009') >> 1)::BIGINT")[0][0]
    assert landing.rows("*", "tieout__quarantined_rows") == [
        (
            "network_usage",
            "net/a.csv",
            5,
            digest,
            "allowed",
            "service_code",
            "fax",
            "N000009",
            key,
            day,
        )
    ]
    assert landing.rows("*", "tieout__control_schedule") == [
        ("USG-05", date(2026, 5, 1), date(2026, 6, 1), "waived", "migration", "R. Auditor")
    ]
    assert report.quarantined_count == 1
    assert report.feeds[0] == FeedReport("network_usage", 1, 1, 0, 0, 0, 3, 1, 3, 1)


def test_one_feed_may_be_ingested_alone(landing: Landing) -> None:
    landing.configure(USAGE + '[feeds.tickets]\npath = "tickets.csv"\n')
    landing.put("net/a.csv", usage_file(3))
    assert [feed.feed for feed in landing.ingest(feeds=["tickets"]).feeds] == ["tickets"]
    assert list(landing.ledger.files()) == []
    with pytest.raises(ConfigError, match="'orders' is not mapped"):
        landing.ingest(feeds=["orders"])


def test_a_big_file_of_several_days_gives_what_small_ones_give(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = usage_file(50) + "\n".join(
        usage_line(no, started_at=f"2026-07-{no % 3 + 1:02d} 20:00:00") for no in range(50, 99)
    )
    landing.put("net/a.csv", text)
    landing.ingest()
    rows = landing.rows("* EXCLUDE (_file_hash)")
    monkeypatch.setattr(ingestion.scan, "_SMALL_LINES", 10)
    monkeypatch.setattr(ingestion.scan, "_BLOCK", 100)
    other = Landing(landing.folder / "other")
    other.put("net/a.csv", text)
    assert other.ingest().refused == ()
    assert other.rows("* EXCLUDE (_file_hash)") == rows
    assert len(rows) == 99
    assert sum(other.file("net/a.csv").file_hash in part for part in other.parts()) == 3


def test_the_guess_that_a_big_file_is_of_one_day_may_be_wrong(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingestion.scan, "_SMALL_LINES", 10)
    odd = usage_line(500, started_at="2026-07-05 10:00:00")
    landing.put("net/a.csv", usage_file(50, odd) + usage_line(51))
    landing.put("net/b.csv", usage_file(50, first=100))
    landing.ingest()
    file = landing.file("net/a.csv")
    assert (file.loaded_count, len(file.parts)) == (52, 2)
    assert len(landing.file("net/b.csv").parts) == 1
    assert len(landing.rows("1")) == 102
