"""The fast path and the careful path are one reader."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ingestion.scan
from ingestion.scan import scan_text
from ingestion.sources.lines import TextFile, batches
from ingestion.sources.textformat import TextFormat

CSV = TextFormat("csv", width=2)
QUOTED = TextFormat("csv", quote='"', width=3)
JSON = TextFormat("jsonl")

Line = tuple[int, str, list[str | None] | str]


def read(
    path: Path, spec: TextFormat, *, keep: bool = True, **edges: Any
) -> tuple[list[Line], TextFile]:
    scan = scan_text(path, "file")
    file = TextFile(0, path, "file", scan if keep else scan.without_content(), **edges)
    rows = [row for batch in batches(file, spec, with_lines=True) for row in batch.to_pylist()]
    lines = [(row["_source_row"], row["_line"].rstrip("\r\n"), _fields(row, spec)) for row in rows]
    return sorted(lines, key=lambda line: line[0]), file


def _fields(row: dict[str, Any], spec: TextFormat) -> list[str | None] | str:
    """Fields of a line, or why it has none."""
    return row["_broken"] or [row[f"c{no}"] for no in range(1, spec.width + 1)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_each_line_has_its_number(path: Path) -> None:
    path.write_bytes(b"head\na,1\r\n\nb,2\n\r\nc,3")
    lines, file = read(path, CSV, header_count=1)
    assert lines == [(2, "a,1", ["a", "1"]), (4, "b,2", ["b", "2"]), (6, "c,3", ["c", "3"])]
    assert file.blank_count == 2


def test_a_byte_order_mark_is_no_data(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbfa,1\n")
    for keep in (True, False):
        assert read(path, CSV, keep=keep)[0] == [(1, "a,1", ["a", "1"])]


def test_header_and_trailer_are_no_data(path: Path) -> None:
    path.write_bytes(b"head\na\nb\nTRAILER\n\n")
    lines, file = read(path, CSV, header_count=1, trailer_row=4)
    assert [row for row, _, _ in lines] == [2, 3]
    assert file.blank_count == 1


def test_lines_that_are_no_text_are_put_aside(path: Path) -> None:
    path.write_bytes(b"a\nb\xff\n\xc3\xa4\nc\0d\ne\n")
    lines, file = read(path, CSV)
    assert [line[:2] for line in lines] == [(1, "a"), (3, "ä"), (5, "e")]
    assert [(bad.source_row, bad.reason_code, bad.line) for bad in file.bad] == [
        (2, "encoding", "b\\xff"),
        (4, "encoding", "c\\x00d"),
    ]


def test_quoted_fields_may_hold_delimiters_quotes_and_line_feeds(path: Path) -> None:
    path.write_bytes(b'a,"b,c",d\n"e""f",g\x0c,h\n"i\nj\r\nk",l,m\nn,o,p\n')
    lines, file = read(path, QUOTED)
    assert [(row, fields) for row, _, fields in lines] == [
        (1, ["a", "b,c", "d"]),
        (2, ['e"f', "g\x0c", "h"]),
        (3, ["i\nj\r\nk", "l", "m"]),
        (6, ["n", "o", "p"]),
    ]
    assert (file.continued_count, file.bad) == (2, [])


@pytest.mark.parametrize("line", [b'a,"b', b'a,b"', b'"a"b,c', b'a,""b"",c'])
def test_a_stray_quote_spoils_its_own_line_only(path: Path, line: bytes) -> None:
    path.write_bytes(b"x,y\n" + line + b"\n" + b"z,w\n" * 200)
    lines, file = read(path, QUOTED)
    assert [(bad.source_row, bad.reason_code) for bad in file.bad] == [(2, "quote")]
    assert len(lines) == 201
    assert file.continued_count == 0


@pytest.mark.parametrize("block", [1, 7, 64])
def test_a_record_may_lie_across_blocks(
    path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    path.write_bytes(b'1,"a\nb",\n2,"c\n\nd",\n3,e,\n4,"f\n' + b"5,g,\n" * 150)
    whole, first = read(path, QUOTED)
    monkeypatch.setattr(ingestion.scan, "_BLOCK", block)
    parts, second = read(path, QUOTED, keep=False)
    assert parts == whole
    assert replace(second, scan=first.scan) == first


def test_long_json_numbers_keep_their_digits(path: Path) -> None:
    path.write_bytes(
        b'{"a": 1.5}\n{"a": 12345678901234567.123456, "b": [1]}\n{bad: 1234567890123456789\n'
    )
    lines, _ = read(path, JSON)
    assert [line for _, line, _ in lines] == [
        '{"a": 1.5}',
        '{"a": "12345678901234567.123456", "b": ["1"]}',
        "{bad: 1234567890123456789",
    ]


PIECES = [b"a", b",", b"\n", b"\r", b"\r\n", b'"', b"\0", b"\xff", b"\xc3\xa4", b"x,y\n"]
SPECS = [CSV, QUOTED, replace(CSV, width=1), replace(QUOTED, width=1), replace(CSV, delimiter=",x")]
PIECES += [b'"a"', b'"b","c"\n', b'"",'] * 2


@settings(max_examples=300, derandomize=True, deadline=None)
@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=40),
    spec=st.sampled_from(SPECS),
    block=st.sampled_from([1, 3, 8, 1 << 20]),
)
def test_both_paths_read_the_same_and_lose_no_line(
    pieces: list[bytes], spec: TextFormat, block: int
) -> None:
    content = b"".join(pieces)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "file"
        path.write_bytes(content)
        careful, first = read(path, replace(spec, careful=True))
        patch.setattr(ingestion.scan, "_BLOCK", block)
        fast, second = read(path, spec, keep=False)
    assert fast == careful
    assert (second.bad, second.blank_count, second.continued_count) == (
        first.bad,
        first.blank_count,
        first.continued_count,
    )
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    assert len(fast) + len(first.bad) + first.blank_count + first.continued_count == lines
