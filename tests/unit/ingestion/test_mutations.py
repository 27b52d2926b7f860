"""Whatever befalls a file of any format, each of its records is loaded, quarantined or refused.

Spoilt files are made from good ones with a seed, many at a time; `-m slow` makes 50 times as many.
"""

from __future__ import annotations

import bz2
import gzip
import json
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingestion.ledger import LandedFile
from tests.unit.ingestion import test_documents as documents
from tests.unit.ingestion import test_formats as formats
from tests.unit.ingestion.bench import Bench, Row
from tests.unit.ingestion.landing import accounted
from tests.unit.ingestion.rates import (
    COLUMN_NAMES,
    HEAD,
    NAMES,
    archive,
    detail,
    header_cells,
    lines,
    nested,
    parquet,
    workbook,
    xml,
)

SOME, MANY, AT_A_TIME = 200, 10_000, 50
RATES = [f"EUR,USD,2026-07-{no:02d},closing,1.08{no:02d}" for no in range(1, 9)]
JUNK = [b'"', b"\n", b"\r", b"\r\n", b",", b"|", b"\0", b"\xff", b"{", b"}", b"]", b"<", b">", b"&"]
JUNK += [b"'", b"\\", b"  ", b"\t", b'""', b"\n\n", b"<rate>", b"</rate>", b'{"rates":', b"1e9"]


@dataclass(frozen=True)
class Shape:
    """A format, and how a good file of it is made from lines of rates."""

    options: str
    make: Callable[[list[str]], bytes]
    name: str = "file.txt"
    has_lines: bool = True


def text(*before: str) -> Callable[[list[str]], bytes]:
    return lambda rates: lines(*before, *rates).encode()


def fixed(rates: list[str]) -> bytes:
    made = ["{:3}{:3}{:10}{:8}{:8}".format(*rate.split(",")) for rate in rates]
    return lines("HDR", *made, "TRL").encode()


def quoted(rates: list[str]) -> bytes:
    wrapped = [
        '"' + rate.replace(",", '","').replace("closing", 'clo"" \n,sing') + '"' for rate in rates
    ]
    return lines(HEAD, *wrapped).encode()


def sheet(rates: list[str]) -> bytes:
    cells = [[f"'{text}" for text in rate.split(",")] for rate in rates]
    return workbook({1: header_cells(), **dict(enumerate(cells, start=2))})


CSV = text(HEAD)
QUOTED = (
    "quote = '\"'\n[feeds.fx_rates.columns]\nrate_type = \"left('closing', length(rate_type))\"\n"
)
FLAT = f'format = "flatstore"\ncolumn_names = {json.dumps(NAMES)}\n'
SHAPES = {
    "csv": Shape("", CSV),
    "csv, old line ends": Shape("", lambda rates: CSV(rates).replace(b"\n", b"\r")),
    "csv, quoted": Shape(QUOTED, quoted),
    "csv, escapes": Shape(QUOTED.replace("\n", '\nescape = "\\\\"\n', 1), quoted),
    "csv, wide delimiter": Shape(
        'delimiter = "||"\n', lambda rates: CSV(rates).replace(b",", b"||")
    ),
    "csv, tagged": Shape(
        COLUMN_NAMES
        + 'comment = "#"\ntags = { detail = ["EUR"], header = ["HDR"], trailer = ["TRL"] }\n',
        lambda rates: lines("HDR,1", "# made", *rates, "TRL,8").encode(),
    ),
    "csv, utf-16": Shape("", lambda rates: CSV(rates).decode().encode("utf-16"), has_lines=False),
    "csv.gz": Shape("", lambda rates: gzip.compress(CSV(rates)), "file.csv.gz", has_lines=False),
    "csv.bz2": Shape("", lambda rates: bz2.compress(CSV(rates)), "file.csv.bz2", has_lines=False),
    "csv.zip": Shape("", lambda rates: archive({"a.csv": CSV(rates)}), "file.zip", has_lines=False),
    "flatstore": Shape(FLAT, lambda rates: lines(*rates).replace(",", "|").encode()),
    "fixed": Shape(formats.FIXED, fixed),
    "jsonl": Shape(
        'format = "jsonl"\n',
        lambda rates: lines(
            *(json.dumps(dict(zip(NAMES, r.split(","), strict=True))) for r in rates)
        ).encode(),
    ),
    "json": Shape(
        'format = "json"\nrecords = "day.rates"\n' + documents.NESTED,
        lambda rates: nested(*rates).encode(),
        has_lines=False,
    ),
    "xml": Shape(documents.XML, lambda rates: xml(*rates).encode(), has_lines=False),
    "xlsx": Shape('format = "xlsx"\nsheet = "Rates"\n', sheet, "file.xlsx", has_lines=False),
    "parquet": Shape(
        'format = "parquet"\n', lambda rates: parquet(*rates), "file.parquet", has_lines=False
    ),
    "radius_detail": Shape(
        documents.DETAIL, lambda rates: "".join(map(detail, rates)).encode(), has_lines=False
    ),
}


def spoil(content: bytes, draw: random.Random) -> bytes:
    """Return the file after one to three accidents."""
    for _ in range(draw.randint(1, 3)):
        at, length = draw.randrange(len(content) + 1), draw.choice([0, 1, 3, 20, 200])
        piece = content[at : at + length]
        accident = draw.randrange(7)
        if accident == 0:
            flipped = bytes(byte ^ 1 << draw.randrange(8) for byte in piece[:1])
            content = content[:at] + flipped + content[at + 1 :]
        elif accident == 1:
            content = content[:at]
        elif accident == 2:
            content = content[:at] + piece + content[at:]
        elif accident == 3:
            content = content[:at] + draw.choice(JUNK) + content[at + length % 4 :]
        elif accident == 4:
            content += content
        elif accident == 5:
            parts = content.splitlines(keepends=True)
            draw.shuffle(parts)
            content = b"".join(parts)
        else:
            content = content[:at] + content[at + length :]
    return content


@pytest.fixture(scope="module", params=SHAPES)
def spoilt(request: pytest.FixtureRequest) -> Iterator[tuple[Bench, Shape]]:
    shape = SHAPES[request.param]
    with tempfile.TemporaryDirectory() as folder:
        yield Bench(Path(folder), shape.options), shape


@pytest.mark.parametrize("count", [SOME, pytest.param(MANY, marks=pytest.mark.slow)])
def test_no_record_is_lost(spoilt: tuple[Bench, Shape], count: int) -> None:
    bench, shape = spoilt
    good = shape.make(RATES)
    ((file, rows),) = bench.load(shape.name, [good])
    assert (file.status, len(rows)) == ("loaded", len(RATES)), file.reason
    draw = random.Random(f"{shape.name}{shape.options}{count}")  # noqa: S311 - accidents, no secrets
    for _ in range(count // AT_A_TIME):
        contents = sorted({spoil(good, draw) for _ in range(AT_A_TIME)} - {b""})
        results = bench.load(shape.name, contents)
        assert len(results) == len(contents)
        for content, (file, rows) in zip(contents, results, strict=True):
            check(shape, content, file, rows)


def check(shape: Shape, content: bytes, file: LandedFile, rows: list[Row]) -> None:
    if file.status != "loaded":
        assert file.reason
        # What the engine says of a column that a spoilt header lacks, and of spoilt Parquet, is
        # plain enough; it must say nothing of other formats.
        said = " Error: " in file.reason and "not found in FROM" not in file.reason
        assert not said or shape.name.endswith("parquet"), content
        return
    assert accounted(file) == file.line_count, content
    assert len(rows) == file.loaded_count, content
    assert len({row for row, _ in rows}) == len(rows), content
    if shape.has_lines and "quote" not in shape.options:
        feed = b"\n" if b"\n" in content else b"\r"
        assert file.line_count == content.count(feed) + (not content.endswith(feed)), content
