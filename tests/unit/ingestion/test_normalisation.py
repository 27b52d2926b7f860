"""Numbers of each source, clocks that change, deleted rows, identities: through real loads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.contracts import Column, parse_contract
from ingestion.errors import ConfigError, ContractError
from ingestion.identities import identity_sql
from ingestion.mapping import load_project
from ingestion.numbers import Numbering, e164_sql
from ingestion.rules import _checks
from tests.unit.ingestion.landing import (
    HEADER,
    USAGE,
    Landing,
    accounted,
    usage_file,
    usage_line,
)

connection = duckdb.connect(config={"threads": 1})
LOCAL = USAGE + 'time_zone = "Europe/Berlin"\n'


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "p")


def e164(text: str, numbering: Numbering) -> Any:
    query = f"SELECT {e164_sql('t', numbering)} FROM (SELECT $text::VARCHAR AS t)"
    return connection.execute(query, {"text": text}).fetchall()[0][0]


NORTH_AMERICA = Numbering("1", ("011",), "1", (10,))
SPAIN = Numbering("34", ("00",), "", (9,), ("^sip:", "@.*$"))


@pytest.mark.parametrize(
    ("text", "numbering", "digits"),
    [
        ("2125551234", NORTH_AMERICA, "12125551234"),
        ("12125551234", NORTH_AMERICA, "12125551234"),
        ("+12125551234", NORTH_AMERICA, "12125551234"),
        ("(212) 555-1234", NORTH_AMERICA, "12125551234"),
        ("011493012345678", NORTH_AMERICA, "493012345678"),
        ("911", NORTH_AMERICA, "911"),
        ("612345678", SPAIN, "34612345678"),
        ("0034612345678", SPAIN, "34612345678"),
        ("sip:+34612345678@ims.example", SPAIN, "34612345678"),
        ("sip:612345678@ims.example;user=phone", SPAIN, "34612345678"),
        ("112", SPAIN, "112"),
        ("0044201234567", Numbering("44", ("00", "000"), "0"), "44201234567"),
    ],
)
def test_each_source_has_its_own_prefixes(text: str, numbering: Numbering, digits: str) -> None:
    assert e164(text, numbering) == digits


def plain_e164(text: str, numbering: Numbering) -> str:
    """The same rule in plain Python."""
    for prefix in sorted(numbering.international_prefixes, key=len, reverse=True):
        if text.startswith(prefix):
            return text[len(prefix) :]
    if len(text) in numbering.national_lengths:
        return numbering.home_country_code + text
    if numbering.national_prefix and text.startswith(numbering.national_prefix):
        return numbering.home_country_code + text[len(numbering.national_prefix) :]
    return text


@given(
    st.text("0123456789", min_size=1, max_size=16),
    st.builds(
        Numbering,
        st.sampled_from(["1", "49", "44", "351"]),
        st.sampled_from([("00",), ("011",), ("00", "000", "0011")]),
        st.sampled_from(["", "0", "1", "06"]),
        st.sampled_from([(), (9,), (9, 10)]),
    ),
)
def test_any_digits_against_plain_python(text: str, numbering: Numbering) -> None:
    assert e164(text, numbering) == plain_e164(text, numbering)


def test_a_feed_says_how_its_source_writes_numbers(landing: Landing) -> None:
    landing.configure(
        USAGE + 'numbers = { home_country_code = "34", national_lengths = [9],'
        " national_prefix = '', strip = ['^tel:'] }\n"
    )
    landing.put("net/a.csv", usage_file(0, usage_line(1, other_party_number="tel:612345678")))
    landing.ingest()
    columns = "other_party_number, other_party_number_raw, other_party_number_head"
    assert landing.rows(columns) == [("34612345678", "tel:612345678", 346123456)]


@pytest.mark.parametrize(
    ("numbers", "what"),
    [
        ('home_country_code = "+34"', "are digits"),
        ('home_country_code = "34", national_prefix = "x"', "national_prefix is 'x'"),
        ('home_country_code = "34", national_lengths = ["9"]', "national_lengths"),
        ("home_country_code = '34', strip = ['(']", "is no regular expression"),
        ("national_prefix = '0'", "home_country_code is missing"),
    ],
)
def test_numbers_that_cannot_be_used_are_told(landing: Landing, numbers: str, what: str) -> None:
    landing.configure(USAGE + f"numbers = {{ {numbers} }}\n")
    with pytest.raises(ConfigError, match=re.escape(what)):
        load_project(landing.folder)


AUTUMN = ["2026-10-25 01:59:59", "2026-10-25 02:00:00", "2026-10-25 02:59:59",
          "2026-10-25 03:00:00"]  # fmt: skip
SPRING = ["2026-03-29 01:59:59", "2026-03-29 02:00:00", "2026-03-29 02:30:00",
          "2026-03-29 03:00:00"]  # fmt: skip


def test_hours_that_happen_twice_or_never_are_counted_by_file(landing: Landing) -> None:
    landing.configure(LOCAL)
    for name, times in {
        "autumn": AUTUMN,
        "spring": SPRING,
        "plain": ["2026-07-01 02:30:00"],
    }.items():
        lines = [usage_line(no, started_at=at) for no, at in enumerate(times)]
        landing.put(f"net/{name}.csv", usage_file(0, *lines))
    report = landing.ingest()
    columns = "source_file, ambiguous_time_count, missing_time_count, loaded_count"
    assert landing.rows(columns, "tieout__landed_files") == [
        ("net/autumn.csv", 2, 0, 4),
        ("net/plain.csv", 0, 0, 1),
        ("net/spring.csv", 0, 2, 4),
    ]
    assert [(one.code, one.level, one.where.split("/")[1]) for one in report.messages] == [
        ("TIE-3011", "warning", "autumn.csv"),
        ("TIE-3011", "warning", "spring.csv"),
    ]
    assert [row[0] for row in landing.rows("started_at::VARCHAR")] == [
        "2026-10-24 23:59:59", "2026-10-25 01:00:00", "2026-10-25 01:59:59",
        "2026-10-25 02:00:00", "2026-07-01 00:30:00", "2026-03-29 00:59:59",
        "2026-03-29 01:00:00", "2026-03-29 01:30:00", "2026-03-29 01:00:00",
    ]  # fmt: skip


def test_times_with_an_offset_are_never_ambiguous(landing: Landing) -> None:
    landing.configure(LOCAL)
    lines = [usage_line(no, started_at=f"{at}+02:00") for no, at in enumerate(AUTUMN)]
    landing.put("net/a.csv", usage_file(0, *lines))
    assert landing.ingest().messages == ()
    assert landing.file("net/a.csv").ambiguous_time_count == 0


DELETED = USAGE + "deleted_when = \"upper(is_deleted) IN ('Y', '1', 'TRUE')\"\n"


def test_deleted_rows_are_counted_and_not_loaded(landing: Landing) -> None:
    landing.configure(DELETED)
    lines = [usage_line(1) + ",N", usage_line(2) + ",y", usage_line(3, quantity="x") + ",1",
             usage_line(4, quantity="x") + ",", usage_line(5) + ",", usage_line(6) + ",y,",
             ""]  # fmt: skip
    landing.put("net/a.csv", "\n".join([HEADER + ",is_deleted", *lines]))
    assert landing.ingest().messages == ()
    file = landing.file("net/a.csv")
    assert (file.loaded_count, file.deleted_count, file.quarantined_count) == (2, 2, 2)
    assert accounted(file) == file.line_count == 7
    assert [row[0] for row in landing.rows("network_record_id")] == ["N000001", "N000005"]
    assert landing.rows("source_row, reason_code", "tieout__quarantined_rows") == [
        (5, "type"),
        (7, "column_count"),
    ]


def test_a_trailer_counts_and_adds_up_deleted_rows(landing: Landing) -> None:
    trailer = 'trailer = { starts_with = "T", count_field = 2, total_field = 3,'
    landing.configure(DELETED + trailer + ' total_column = "quantity" }\n')
    lines = [usage_line(1) + ",N", usage_line(2) + ",y", "T,2,121"]
    landing.put("net/a.csv", "\n".join([HEADER + ",is_deleted", *lines]) + "\n")
    assert landing.ingest().messages == ()
    assert landing.file("net/a.csv").deleted_count == 1


def test_words_of_a_mapping_make_contract_values(landing: Landing) -> None:
    landing.configure(
        '[feeds.network_usage]\npath = "net/*.csv"\ntime_zone = "Europe/Berlin"\n'
        'timestamp_format = "%d.%m.%Y %H:%M:%S"\n'
        "[feeds.network_usage.columns]\n"
        'started_at = "from_epoch_ms(start)"\n'
        'quantity = "clock_seconds(duration)"\n'
    )
    header = HEADER.replace("started_at", "start").replace("quantity", "duration")
    lines = [usage_line(1, started_at="1782892800000", quantity="0:01:30"),
             usage_line(2, started_at="soon", quantity="0:01:30"),
             usage_line(3, started_at="1782892800000", quantity="90")]  # fmt: skip
    landing.put("net/a.csv", "\n".join([header, *lines]) + "\n")
    landing.ingest()
    assert [(str(at), int(q)) for at, q in landing.rows("started_at, quantity")] == [
        ("2026-07-01 08:00:00", 90)
    ]
    assert landing.rows("source_row, reason_code, column_name", "tieout__quarantined_rows") == [
        (3, "type", "started_at"),
        (4, "type", "quantity"),
    ]


@pytest.mark.parametrize(
    ("check", "text", "holds"),
    [
        ("imsi", "262019876543210", True), ("imsi", "26201987654321", True),
        ("imsi", "2620198765432101", False), ("imsi", "26201987654321a", False),
        ("imei", "490154203237519", True), ("imei_luhn", "490154203237518", True),
        ("imei_luhn", "490154203237519", False), ("imei_luhn", "49015420323751", True),
        ("imei_luhn", "4901542032375101", True), ("imei", "4901542032375", False),
        ("iccid", "8949000000000000001", True), ("iccid_luhn", "8949000000000000001", False),
        ("iccid_luhn", "8949000000000000000", True), ("iccid", "1949000000000000001", False),
    ],
)  # fmt: skip
def test_identities(check: str, text: str, holds: bool) -> None:
    found = connection.execute(f"SELECT {identity_sql('t', check)} FROM (SELECT '{text}' AS t)")
    assert found.fetchall() == [(holds,)]


def test_a_contract_says_how_much_is_asked_of_a_column(tmp_path: Path) -> None:
    assert [code for code, _ in _checks(Column("device", "text", check="imei_luhn"))] == ["pattern"]
    text = (
        "feed: x\nsource: s\ngroup: g\ndescription: d\ngrain: g\nkey: [a]\n"
        "columns: [{name: a, type: text, check: passport}]"
    )
    with pytest.raises(ContractError, match="passport"):
        parse_contract(text, "x.yml")


def test_a_mapping_that_divides_by_zero_or_names_no_column(landing: Landing) -> None:
    landing.configure(
        USAGE
        + '[feeds.network_usage.columns]\nquantity = "quantity::DECIMAL(18,3) / zero::INTEGER"\n'
    )
    landing.put("net/a.csv", "\n".join([HEADER + ",zero", usage_line(1) + ",0",
                                        usage_line(2) + ",1"]) + "\n")  # fmt: skip
    landing.put("net/b.csv", usage_file(2, first=50))
    (message,) = landing.ingest().messages
    assert (message.code, message.where) == ("TIE-3001", "network_usage, net/b.csv")
    assert 'column "zero" not found' in message.what
    assert message.fix
    file = landing.file("net/a.csv")
    assert (file.loaded_count, file.quarantined_count) == (1, 1)
    assert landing.rows("source_row, column_name", "tieout__quarantined_rows") == [(2, "quantity")]
