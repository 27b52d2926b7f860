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

from ingestion.admit import Admission
from ingestion.contracts import load_contracts
from ingestion.land import Found, Known
from ingestion.ledger import LandedFile
from ingestion.load import Loader
from ingestion.mapping import load_project
from tests.unit.ingestion.landing import OPERATOR, accounted

# Exchange rates have few columns of many types, and planning a query costs by the column.
RATES = '[feeds.fx_rates]\npath = "*"\n'
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


class Bench:
    """Loads one file after the other with one loader, without a ledger."""

    def __init__(self, folder: Path, options: str) -> None:
        (folder / "landing").mkdir()
        (folder / "tieout.toml").write_text(OPERATOR + RATES + options, encoding="utf-8")
        self.project, self.folder = load_project(folder), folder
        self.contract = load_contracts()["fx_rates"]
        self.loader = Loader(self.project, folder / "home")

    def load(self, name: str, content: bytes) -> tuple[LandedFile, list[tuple[int, date]]]:
        """Return the record of a file, and line and day of the rows that were loaded."""
        path = self.folder / "landing" / name
        path.write_bytes(content)
        admission = Admission(self.project, Known([]), {"fx_rates": "fingerprint"})
        found = Found("fx_rates", path, name, len(content), path.stat().st_mtime_ns)
        admission.decide(found, admission.scan(found))
        if admission.refused:
            return admission.refused[0], []
        (batch,) = admission.batches()
        (loaded,) = self.loader.load(self.contract, batch)
        rows: list[tuple[int, date]] = []
        for part, _ in loaded.staged:
            table = pq.ParquetFile(part).read(columns=["_source_row", "rate_on"])
            rows += zip(*(column.to_pylist() for column in table.columns), strict=True)
            part.unlink()
        return loaded.record, sorted(rows)


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


@settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(changes=CHANGES)
def test_no_line_is_lost(
    shaped: tuple[Bench, Shape], changes: list[tuple[int, int, bytes]]
) -> None:
    bench, shape = shaped
    content = changed(shape.content, changes)
    packed = gzip.compress(content) if shape.name.endswith(".gz") else content
    file, rows = bench.load(shape.name, packed)
    if not content:
        assert file.reason == "the file is empty"
        return
    if file.status == "refused":
        # Only a header that was spoilt is a reason; never lines that do not add up.
        assert "column" in file.reason
        assert "header" not in shape.options
        assert physical(content)[0].rstrip(b"\r") != HEADER.encode()
        return
    assert accounted(file) == file.line_count
    assert len(rows) == file.loaded_count
    lines = physical(content)
    assert file.line_count <= len(lines)
    if "quote" not in shape.options:
        assert file.line_count == len(lines)
        has_header = shape.content.startswith(HEADER.encode())
        if not has_header or lines[0].rstrip(b"\r") == HEADER.encode():
            assert untouched(shape, lines) <= set(rows)


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


@settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    cells=st.lists(
        st.tuples(st.integers(0, COUNT - 1), st.sampled_from(NAMES), st.sampled_from(CELLS)),
        max_size=5,
    )
)
def test_no_row_of_parquet_is_lost(
    parquet: Bench, cells: list[tuple[int, str, Callable[[str], object]]]
) -> None:
    rows: list[dict[str, object]] = [
        dict(zip(NAMES, line.split(","), strict=True)) for line in LINES
    ]
    for no, name, change in cells:
        rows[no][name] = change(str(rows[no][name]))
    stream = io.BytesIO()
    schema = pa.schema([(name, pa.utf8()) for name in NAMES])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), stream)
    file, loaded = parquet.load("file.parquet", stream.getvalue())
    assert file.status == "loaded"
    assert file.loaded_count + file.quarantined_count == file.line_count == COUNT
    spoilt = {no for no, _, _ in cells}
    whole = {(no + 1, DAYS[no]) for no in range(COUNT) if no not in spoilt}
    assert whole <= set(loaded)


@pytest.fixture(scope="module")
def parquet() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder:
        yield Bench(Path(folder), 'format = "parquet"\n')
