"""Records of files without lines: JSON, XML, spreadsheets, RADIUS; what loads and what not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.ingestion.rates import (
    CHF,
    GBP,
    USD,
    archive,
    broken,
    counts,
    detail,
    header_cells,
    lines,
    loaded,
    nested,
    reason,
    record,
    workbook,
    xml,
)

NESTED = (
    "[feeds.fx_rates.columns]\nfrom_currency_code = '\"^.base\"'\n"
    "to_currency_code = '\"to.code\"'\n"
    "rate = '\"values.1\"'\n"
)


@pytest.mark.parametrize("times", [1, 2])
def test_records_inside_json_documents(make: Any, times: int) -> None:
    content = "\n".join([nested(USD, GBP)] * times)
    landing = make('format = "json"\nrecords = "day.rates"\n' + NESTED, content)
    assert loaded(landing)[:2] == [(1, "USD", "1.08"), (2, "GBP", "0.85")]
    assert counts(landing) == (2 * times, 0, 0, 0)


def test_a_list_of_json_records_keeps_long_numbers(make: Any) -> None:
    items = [record(USD), 5, None, {**record(GBP), "rate": 0}]
    content = json.dumps(items).replace(": 0}", ": 345678901.123456789}")
    content = content.replace("{", '{"rate_type": "x", ', 1)
    landing = make('format = "json"\n', content)
    assert loaded(landing) == [(4, "GBP", "345678901.123456789")]
    assert broken(landing) == [(1, "json"), (2, "json"), (3, "json")]


def test_nested_keys_of_json_lines(make: Any) -> None:
    texts = [
        json.dumps({**json.loads(nested(one))["day"]["rates"][0], "^.base": "EUR"})
        for one in (USD, GBP)
    ]
    landing = make('format = "jsonl"\n' + NESTED, lines(*texts))
    assert loaded(landing) == [(1, "USD", "1.08"), (2, "GBP", "0.85")]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"day": {"rates": [', "cut off"),
        ('{"day": {"rates": []}]', "none belongs"),
        ('{"day": {"rate": [{}]}}', "nothing stands at day.rates"),
        ('{"day": {"rates": [{"a" 1}]}}', "delimiter"),
        ("[" * 5000, "nested too deeply"),
        ('{"day": {"rates": [{"a": NaN}]}}', "no number"),
        ('{"day": {"rates": [{}]}, "day": {"rates": [{}]}}', "neither loaded nor quarantined"),
        (b'{"day": {"rates": [{"a": "\xff"}]}}', "set its encoding"),
    ],
)
def test_documents_that_are_not_json_are_refused(make: Any, content: str, told: str) -> None:
    assert told in reason(make('format = "json"\nrecords = "day.rates"\n' + NESTED, content))


XML = (
    'format = "xml"\nrecords = "rate"\n[feeds.fx_rates.columns]\nfrom_currency_code = \'"@base"\'\n'
    "to_currency_code = '\"to.code\"'\nrate_on = '\"day\"'\nrate_type = \"'closing'\"\n"
    "rate = '\"value.2\"'\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_xml_records(make: Any, encoding: str) -> None:
    content = xml(USD, GBP).replace('"1.0"', f'"1.0" encoding="{encoding}"').encode(encoding)
    landing = make(XML, content)
    assert loaded(landing) == [(1, "USD", "1.08"), (2, "GBP", "0.85")]
    assert counts(landing) == (2, 0, 0, 0)


LAUGHS = "<!DOCTYPE r [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + no)} '{f'&{chr(97 + no)};' * 10}'>" for no in range(12)
)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (xml(USD)[:-9], "unclosed token"),
        (xml(USD) + xml(GBP), "junk after document"),
        (f"{LAUGHS}]><r><rate>&m;</rate></r>", "declares the entity 'a'"),
        ("<r><rat/><rat/></r>", "has no element rate"),
        (f"<r><rate>{'x' * (17 << 20)}</rate></r>", "longer than"),
    ],
)
def test_files_that_are_no_plain_xml_are_refused(make: Any, content: str, told: str) -> None:
    assert told in reason(make(XML, content))


SHEET = 'format = "xlsx"\nsheet = "Rates"\n'


def test_rows_of_a_spreadsheet(make: Any) -> None:
    content = workbook(
        {
            1: ["'Rates of July"],
            2: header_cells(),
            3: ["=0", "'USD", "d46204", "=1", "1.1000000000000001"],
            5: ["=0", "'GBP", "'2026-07-01", "=1", "1.2E-3"],
            6: ["=0", "'CHF", "d46204", "=1", "1", "'more"],
            7: ["=0", "'JPY", "d46204", "=1", "160"],
            8: ["=0", "'SEK", "46204", "=1", "11"],
        }
    )
    landing = make(SHEET + "skip_lines = 1\n", content, "rates.xlsx")
    assert loaded(landing) == [(3, "USD", "1.1"), (5, "GBP", "0.0012"), (7, "JPY", "160.")]
    assert broken(landing) == [(6, "column_count"), (8, "type")]
    assert counts(landing) == (7, 2, 0, 0)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PK\x03\x04 no zip", "not XLSX"),
        (workbook({1: header_cells()}, sheet="July"), "no sheet 'Rates', but First, July"),
        (workbook({1: header_cells()})[:-30], "not XLSX"),
        (workbook({1: header_cells(), 2: ["=7"]}), "list index out of range"),
        (workbook({}), "no header row"),
        (archive({"xl/workbook.xml": b"\0" * (80 << 20)}), "it unpacks to 80 MB"),
    ],
)
def test_workbooks_that_cannot_be_read(make: Any, content: bytes, told: str) -> None:
    assert told in reason(make(SHEET, content, "rates.xlsx"))


DETAIL = (
    'format = "radius_detail"\n[feeds.fx_rates.columns]\nfrom_currency_code = \'"User-Name"\'\n'
    "to_currency_code = '\"Pair\"'\nrate_on = '\"Pair.2\"'\nrate_type = \"'closing'\"\n"
    "rate = '\"Octets\"'\n"
)


def test_radius_detail(make: Any) -> None:
    cut = detail(CHF)[:-1]
    content = (
        detail(USD)
        + cut
        + detail(GBP).replace("Wed", "wed")
        + detail(GBP)
        + "\n\tOctets = 1\n\n"
        + cut
    )
    landing = make(DETAIL, content)
    assert loaded(landing) == [(1, "USD", "1.08"), (18, "GBP", "0.85")]
    assert broken(landing) == [(7, "cut_off"), (12, "heading"), (25, "heading"), (27, "cut_off")]
    assert counts(landing) == (6, 0, 0, 0)
