"""Whatever is done to a file, each of its lines is loaded, quarantined, or known for what it is."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.ledger import LandedFile
from tests.unit.ingestion.bench import Bench, Row
from tests.unit.ingestion.landing import accounted

# Exchange rates have few columns of many types, and planning a query costs by the column.
HEADER = "from_currency_code,to_currency_code,rate_on,rate_type,rate"
NAMES = HEADER.split(",")
COUNT = 12
LINES = [f"EUR,USD,2026-07-{no:02d},closing,1.08{no:02d}" for no in range(1, COUNT + 1)]
DAYS = [date(2026, 7, no) for no in range(1, COUNT + 1)]


def _json(line: str) -> str:
    return json.dumps(dict(zip(NAMES, line.split(","), strict=True)))


def _quoted(line: str) -> str:
    return '"' + line.replace(",", '","') + '"'


@dataclass(frozen=True)
class Shape:
    """A format, and a good file of it."""

    options: str
    content: bytes
    name: str = "file.csv"


CSV = "\n".join([HEADER, *LINES, ""]).encode()
SHAPES = {
    "csv": Shape("", CSV),
    "csv quoted": Shape("quote = '\"'\n", "\n".join([HEADER, *map(_quoted, LINES), ""]).encode()),
    "csv without header": Shape(
        f"header = false\ncolumn_names = {json.dumps(NAMES)}\n", "\n".join([*LINES, ""]).encode()
    ),
    "jsonl": Shape('format = "jsonl"\n', "\n".join([*map(_json, LINES), ""]).encode()),
    "csv packed": Shape("", CSV, "file.csv.gz"),
}

JUNK = [b"", b",", b'"', b"\n", b"\r\n", b"\r", b"\0", b"\xff", b"x", b"{", b"}", b"-", b"\n\n"]
CHANGES = st.lists(
    st.tuples(st.integers(0, 900), st.integers(0, 12), st.sampled_from(JUNK)),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module", params=SHAPES)
def shaped(request: pytest.FixtureRequest) -> Iterator[tuple[Bench, Shape]]:
    shape = SHAPES[request.param]
    with tempfile.TemporaryDirectory() as folder:
        yield Bench(Path(folder), shape.options), shape


def changed(content: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, junk in changes:
        at %= len(content) + 1
        content = content[:at] + junk + content[at + length :]
    return content


def physical(content: bytes) -> list[bytes]:
    lines = content.split(b"\n")
    return lines[:-1] if lines[-1] == b"" else lines


# Many files at a time: planning a query costs more than reading so few lines.
ALL_AT_ONCE = settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@ALL_AT_ONCE
@given(files=st.lists(CHANGES, min_size=10, max_size=10, unique_by=repr))
def test_no_line_is_lost(
    shaped: tuple[Bench, Shape], files: list[list[tuple[int, int, bytes]]]
) -> None:
    bench, shape = shaped
    contents = sorted({changed(shape.content, changes) for changes in files})
    packed = shape.name.endswith(".gz")
    results = bench.load(shape.name, [gzip.compress(c) if packed else c for c in contents])
    assert len(results) == len(contents)
    for content, (file, rows) in zip(contents, results, strict=True):
        check(shape, content, file, rows)


def check(shape: Shape, content: bytes, file: LandedFile, rows: list[Row]) -> None:
    lines = physical(content)
    has_header = shape.content.startswith(HEADER.encode())
    is_header_whole = not has_header or lines[0].rstrip(b"\r") == HEADER.encode()
    if file.status == "refused":
        # Only a header that was spoilt is a reason; never lines that do not add up.
        assert "column" in file.reason
        assert not is_header_whole
        return
    assert accounted(file) == file.line_count
    assert len(rows) == file.loaded_count
    assert file.line_count <= len(lines)
    if "quote" not in shape.options:
        assert file.line_count == len(lines)
        assert not is_header_whole or untouched(shape, lines) <= set(rows)


def untouched(shape: Shape, lines: list[bytes]) -> set[tuple[int, date]]:
    """Line and day of the lines that are as they were."""
    good = dict(zip(shape.content.splitlines()[-COUNT:], DAYS, strict=True))
    return {(no, good[line]) for no, line in enumerate(lines, start=1) if line in good}


CELLS: list[Callable[[str], object]] = [
    lambda text: text,
    lambda _: None,
    lambda _: "",
    lambda _: "junk",
    lambda text: text + '"',
]


@ALL_AT_ONCE
@given(
    files=st.lists(
        st.lists(
            st.tuples(st.integers(0, COUNT - 1), st.sampled_from(NAMES), st.sampled_from(CELLS)),
            max_size=5,
        ),
        min_size=10,
        max_size=10,
    )
)
def test_no_row_of_parquet_is_lost(
    parquet: Bench, files: list[list[tuple[int, str, Callable[[str], object]]]]
) -> None:
    rows: list[dict[str, object]] = []
    for cells in files:
        new: list[dict[str, object]] = [
            dict(zip(NAMES, line.split(","), strict=True)) for line in LINES
        ]
        for no, name, change in cells:
            new[no][name] = change(str(new[no][name]))
        rows += new
    stream = io.BytesIO()
    schema = pa.schema([(name, pa.utf8()) for name in NAMES])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), stream)
    ((file, loaded),) = parquet.load("file.parquet", [stream.getvalue()])
    assert file.status == "loaded"
    assert file.loaded_count + file.quarantined_count == file.line_count == 10 * COUNT
    spoilt = {at * COUNT + no for at, cells in enumerate(files) for no, _, _ in cells}
    whole = {(no + 1, DAYS[no % COUNT]) for no in range(10 * COUNT) if no not in spoilt}
    assert whole <= set(loaded)


@pytest.fixture(scope="module")
def parquet() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder:
        yield Bench(Path(folder), 'format = "parquet"\n')
