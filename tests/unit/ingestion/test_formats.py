"""Files of lines in each dialect, and packed ones: what loads, and what becomes of the rest."""

from __future__ import annotations

import bz2
import gzip
import json
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import ConfigError
from ingestion.mapping import load_project
from tests.unit.ingestion.landing import OPERATOR, Landing
from tests.unit.ingestion.rates import (
    ALL,
    CHF,
    COLUMN_NAMES,
    GBP,
    HEAD,
    NAMES,
    RATES,
    TABLE,
    USD,
    archive,
    broken,
    counts,
    lines,
    loaded,
    parquet,
    reason,
)


@pytest.mark.parametrize(
    ("options", "content"),
    [
        ("", lines(HEAD, USD, GBP, CHF, end="\r")),
        ("", lines(HEAD, USD, GBP, CHF, end="\r\n")),
        ("", "\ufeff" + lines(HEAD, USD, GBP, CHF)),
        ("", lines(HEAD, USD, GBP, CHF).encode("utf-16")),
        ('encoding = "utf-16-be"\n', lines(HEAD, USD, GBP, CHF).encode("utf-16-be")),
        ('delimiter = "||"\n', lines(HEAD, USD, GBP, CHF).replace(",", "||")),
        (
            'delimiter = "¦"\nencoding = "latin-1"\n',
            lines(HEAD, USD, GBP, CHF).replace(",", "¦").encode("latin-1"),
        ),
        ('delimiter = "\\t"\n', lines(HEAD, USD, GBP, CHF).replace(",", "\t")),
        ("", lines("#" + HEAD, USD, GBP, CHF)),
        ('quote = "\'"\n', lines(HEAD, USD, GBP.replace("GBP", "'GBP'"), CHF)),
        (
            'quote = \'"\'\ndelimiter = "||"\n',
            lines(HEAD, USD, GBP.replace("GBP", '"GBP"'), CHF).replace(",", "||"),
        ),
    ],
    ids=[
        "cr",
        "crlf",
        "bom",
        "utf16",
        "utf16be",
        "two signs",
        "latin",
        "tab",
        "hash",
        "quote",
        "both",
    ],
)
def test_every_dialect_of_csv_gives_the_same_rows(
    make: Any, options: str, content: str | bytes
) -> None:
    landing = make(options, content)
    assert loaded(landing) == ALL
    assert counts(landing) == (4, 1, 0, 0)


def test_lines_that_are_no_records_are_counted(make: Any) -> None:
    content = lines("Report", "", "# made today", HEAD, USD, "# between", "", GBP)
    landing = make('skip_lines = 1\ncomment = "#"\n', content)
    assert loaded(landing) == [(5, "USD", "1.08"), (8, "GBP", "0.85")]
    assert counts(landing) == (8, 5, 0, 1)


def test_tags_tell_records_from_other_lines(make: Any) -> None:
    options = COLUMN_NAMES.replace('["', '["tag", "') + (
        'tags = { detail = ["20"], header = ["10"], trailer = ["90"], other = ["30"] }\n'
    )
    content = lines(
        "10,20260701", f"20,{USD}", f"30,{USD}", f"20,{GBP},x", "25,what", "20", f"26,{GBP}", "90,2"
    )
    landing = make(options, content)
    assert loaded(landing) == [(2, "USD", "1.08")]
    assert broken(landing) == [
        (4, "column_count"),
        (5, "record_type"),
        (6, "column_count"),
        (7, "record_type"),
    ]
    assert counts(landing) == (8, 2, 1, 0)


def test_escapes_inside_quotes(make: Any) -> None:
    """The second record has doubled quotes and a line feed, the third opens a quote for good."""
    said = "['closing\\\" or\\\\, so', 'a \\\"b\\\" ' || chr(10) || 'c']"
    options = (
        'quote = \'"\'\nescape = "\\\\"\n[feeds.fx_rates.columns]\n'
        f"rate_type = \"CASE WHEN list_contains({said}, note) THEN 'closing' END\"\n"
    )
    content = lines(
        HEAD.replace("rate_type", "note"),
        USD.replace("closing", '"closing\\" or\\\\, so"'),
        GBP.replace("closing", '"a ""b"" \nc"'),
        CHF.replace("closing", '"open'),
    )
    landing = make(options, content)
    assert loaded(landing) == [(2, "USD", "1.08"), (3, "GBP", "0.85")]
    assert broken(landing) == [(5, "quote")]


def test_undefined_bytes_of_cp1252_are_not_lost(make: Any) -> None:
    said = "CASE WHEN rate_type = '€' || chr(129) THEN 'closing' END"
    options = f'encoding = "cp1252"\n[feeds.fx_rates.columns]\nrate_type = "{said}"\n'
    landing = make(options, lines(HEAD, USD).encode().replace(b"closing", b"\x80\x81"))
    assert loaded(landing) == [(2, "USD", "1.08")]


FIXED = """format = "fixed"
fields = [
  { name = "from_currency_code", start = 1, length = 3 },
  { name = "to_currency_code", start = 4, length = 3 },
  { name = "rate_on", start = 7, length = 10 },
  { name = "rate_type", start = 17, length = 8 },
  { name = "rate", start = 25, length = 8 } ]
tags = { header = ["HDR"], trailer = ["TRL"] }
"""


def test_fixed_width(make: Any) -> None:
    usd, gbp = "EURUSD2026-07-01closing     1.08", "EURGBP2026-07-01closing 0.85    "
    landing = make(FIXED, lines("HDR1", usd, gbp, gbp[:-1], usd + "x", "TRL00002"))
    assert loaded(landing) == [(2, "USD", "1.08"), (3, "GBP", "0.85")]
    assert broken(landing) == [(4, "column_count"), (5, "column_count")]
    assert counts(landing) == (6, 1, 1, 0)


def test_flatstore(make: Any) -> None:
    options = f'format = "flatstore"\ncolumn_names = {json.dumps(NAMES)}\n'
    landing = make(options, lines(USD, GBP, CHF).replace(",", "|"))
    assert [row[1:] for row in loaded(landing)] == [row[1:] for row in ALL]
    assert counts(landing) == (3, 0, 0, 0)


PACKERS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress}


@pytest.mark.parametrize("packed", PACKERS)
def test_packed_files(make: Any, packed: str) -> None:
    content = PACKERS[packed](lines(HEAD, USD, GBP, CHF).encode())
    landing = make("", content, f"rates.csv.{packed}")
    assert loaded(landing) == ALL


def test_packed_parquet(tmp_path: Path) -> None:
    landing = Landing(tmp_path, RATES + 'format = "parquet"\n')
    landing.put("a.parquet.gz", gzip.compress(parquet(USD)))
    landing.put("b.zip", archive({"b.parquet": parquet(GBP)}))
    landing.ingest()
    assert sorted(loaded(landing)) == [(1, "GBP", "0.85"), (1, "USD", "1.08")]


def test_each_member_of_an_archive_is_a_file(tmp_path: Path) -> None:
    landing = Landing(tmp_path, RATES)
    one, two = (lines(HEAD, text).encode() for text in (USD, GBP))
    landing.put("rates.zip", archive({"a.csv": one, "in/b.csv": two, "__MACOSX/a.csv": b"x"}))
    landing.ingest()
    assert landing.rows("_source_file, to_currency_code", TABLE) == [
        ("rates.zip/a.csv", "USD"),
        ("rates.zip/in/b.csv", "GBP"),
    ]
    before = landing.parts()
    landing.ingest()
    assert landing.parts() == before


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("rates.zip", archive({"a": lines(HEAD, USD).encode()})[:-40], "archive is broken"),
        ("rates.zip", archive({}), "empty"),
        ("rates.zip", archive({"../a.csv": b"x"}), "outside itself"),
        ("rates.zip", archive({"ä.csv": b"x"}).replace("ä".encode(), b"\xc3(", 1), "zip stream"),
        ("rates.csv.bz2", bz2.compress(b"x" * 9999)[:-9], "bzip2 stream is broken"),
        ("rates.csv.gz", gzip.compress(b"\n" * (80 << 20)), "more than 250 times its size"),
        ("rates.csv.bz2", bz2.compress(b"\n" * (80 << 20)), "more than 250 times its size"),
        ("rates.zip", archive({"a": b"\n" * (80 << 20)}), "more than 250 times its size"),
    ],
)
def test_packed_files_that_cannot_be_unpacked(
    make: Any, name: str, content: bytes, told: str
) -> None:
    assert told in reason(make("", content, name))


def test_limits_are_settings(tmp_path: Path) -> None:
    landing = Landing(tmp_path, RATES + "[limits]\nline_bytes = 100\nunpacked_bytes = 1000\n")
    landing.put("a.csv", lines(HEAD, USD + "0" * 100))
    landing.put("b.csv.gz", gzip.compress(b"x,y\n" * 500))
    landing.ingest()
    assert "a line is longer than 100 bytes" in landing.file("a.csv").reason
    assert "more than 1000 bytes" in landing.file("b.csv.gz").reason


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("", "a line is longer than 16 MB"),
        ('format = "jsonl"\n', "a line is longer than 16 MB"),
        ('format = "json"\n', "the document is larger than 128 MB"),
        ('format = "xlsx"\n', "the document is larger than 128 MB"),
        ('format = "xml"\nrecords = "rate"\n', "not XML"),
        ('format = "radius_detail"\n', "a line is longer than 16 MB"),
    ],
)
def test_a_gigabyte_without_a_line_end_does_not_fill_the_memory(
    tmp_path: Path, options: str, told: str
) -> None:
    landing = Landing(tmp_path, RATES + options)
    path = landing.put("rates.txt", "x")
    with path.open("ab") as stream:
        stream.truncate(1 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    landing.ingest(threads=1)
    assert told in reason(landing)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


def test_an_encoding_that_changes_half_way_spoils_only_these_lines(make: Any) -> None:
    good = [lines(USD.replace("closing", text)) for text in ("closing", "clösing", "closing")]
    head, (one, two, three) = lines(HEAD).encode(), good
    landing = make("", head + one.encode() + two.encode("latin-1") + three.encode())
    assert loaded(landing) == [(2, "USD", "1.08"), (4, "USD", "1.08")]
    assert broken(landing) == [(3, "encoding")]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ('format = "csvv"\n', "use one of csv, flatstore"),
        ('records = "a"\n', "remove it; it is for json, xml"),
        ('format = "xml"\n', "name the element"),
        ('format = "fixed"\n', "fields is missing"),
        ('format = "fixed"\nfields = [{ name = "a", start = 0, length = 1 }]\n', "count from 1"),
        ('encoding = "klingon"\n', "use one of utf-8"),
        ('escape = "\\\\"\n', "set quote too"),
        ("tags = {}\n", "tags are empty"),
        ("skip_lines = -1\n", "use 0 or more"),
        ("[limits]\nline_bytes = 0\n", "above 0"),
    ],
)
def test_options_that_cannot_be(tmp_path: Path, options: str, told: str) -> None:
    (tmp_path / "tieout.toml").write_text(OPERATOR + RATES + options, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_project(tmp_path)
    assert told in str(error.value)
