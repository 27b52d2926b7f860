"""Lines of landed text files as Arrow, with the number of each line in its file.

DuckDB's own CSV reader loses lines in silence when a stray quote opens a field, and stops at mixed
line ends. Here a line is what lies between two line feeds, nothing else: the fast path finds the
feeds with numpy and hands the bytes on without a copy; a block with anything odd in it (NUL,
bytes that are not UTF-8, quotes, long JSON numbers) takes the careful path line by line.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ingestion.contracts import Contract
from ingestion.scan import Scan, read_content

_MOST_LINES_OF_A_RECORD = 100
# yyjson reads a number as a double; more than 15 digits would come back changed.
_LONG_NUMBER = re.compile(rb"[:,\[][ \t]*-?[0-9.eE+-]{16,}")
_BOM = b"\xef\xbb\xbf"

SCHEMA = pa.schema([
    ("_line", pa.utf8()), ("_source_row", pa.int64()), ("_file_no", pa.int32()),
    ("_fields", pa.list_(pa.utf8())),
])


@dataclass(frozen=True)
class TextFormat:
    """What decides how a text file falls into lines and fields."""

    format: str
    delimiter: str = ","
    quote: str = ""
    careful: bool = False


@dataclass
class BadLine:
    """A line that could not be handed on as text or fields."""

    source_row: int
    reason_code: str
    line: str


@dataclass
class TextFile:
    """One file to read, and what reading it brought to light."""

    no: int
    path: Path
    where: str
    scan: Scan
    header_count: int = 0
    trailer_row: int | None = None
    blank_count: int = 0
    continued_count: int = 0
    bad: list[BadLine] = field(default_factory=list)


def reader(files: Sequence[TextFile], spec: TextFormat) -> pa.RecordBatchReader:
    """Return the data lines of some files as one stream, in order of file and line."""
    return pa.RecordBatchReader.from_batches(SCHEMA, _batches(files, spec))


def _batches(files: Sequence[TextFile], spec: TextFormat) -> Iterator[pa.RecordBatch]:
    for file in files:
        file.blank_count, file.continued_count, file.bad = 0, 0, []
        row = 1
        for block in _blocks(file, spec):
            batch, lines = _batch(block, row, file, spec)
            row += lines
            if batch.num_rows:
                yield batch


def _blocks(file: TextFile, spec: TextFormat) -> Iterator[bytes]:
    """Yield content cut at line feeds, without a byte order mark."""
    first = True
    for block in _cut(file, spec):
        yield block.removeprefix(_BOM) if first else block
        first = False


def _cut(file: TextFile, spec: TextFormat) -> Iterator[bytes]:
    if file.scan.content is not None:
        yield file.scan.content
        return
    if spec.quote:
        # A quoted field may hold line feeds, so no cut is safe; see the issue on large quoted files.
        yield b"".join(read_content(file.path, file.where))
        return
    rest = b""
    for block in read_content(file.path, file.where):
        cut = block.rfind(b"\n") + 1
        if not cut:
            rest += block
            continue
        yield rest + block[:cut]
        rest = block[cut:]
    if rest:
        yield rest


def _batch(
    block: bytes, row: int, file: TextFile, spec: TextFormat
) -> tuple[pa.RecordBatch, int]:
    ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == 10) + 1
    if not len(ends) or ends[-1] != len(block):
        ends = np.append(ends, len(block))
    count = len(ends)
    offsets = np.zeros(count + 1, dtype=np.int32)
    offsets[1:] = ends
    lines = pa.Array.from_buffers(
        pa.utf8(), count, [None, pa.py_buffer(offsets), pa.py_buffer(block)]
    )
    if spec.careful or _is_odd(block, lines, spec):
        return _careful(block, row, file, spec), count
    rows = np.arange(row, row + count, dtype=np.int64)
    keep = _kept(block, offsets, rows, file)
    if not keep.all():
        mask = pa.array(keep)
        lines, rows = lines.filter(mask), rows[keep]
    return _record_batch(lines, rows, file, None), count


def _is_odd(block: bytes, lines: pa.StringArray, spec: TextFormat) -> bool:
    if b"\0" in block or (spec.quote and spec.quote.encode() in block):
        return True
    if spec.format == "jsonl" and _LONG_NUMBER.search(block):
        return True
    if block.isascii():
        return False
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        return True
    return False


def _kept(block: bytes, offsets: Any, rows: Any, file: TextFile) -> Any:
    """Return which lines are data; count the blank ones."""
    lengths = np.diff(offsets)
    blank = (lengths == 1) | (lengths == 2)
    if blank.any():
        for index in np.flatnonzero(blank):
            line = block[offsets[index]:offsets[index + 1]]
            blank[index] = not line.strip(b"\r\n")
    data = ~blank
    data &= rows > file.header_count
    if file.trailer_row is not None:
        data &= rows != file.trailer_row
    file.blank_count += int((blank & (rows > file.header_count)).sum())
    return data


def _record_batch(
    lines: pa.Array, rows: Any, file: TextFile, fields: pa.Array | None
) -> pa.RecordBatch:
    count = len(lines)
    numbers = pa.array(np.full(count, file.no, dtype=np.int32))
    if fields is None:
        fields = pa.nulls(count, pa.list_(pa.utf8()))
    return pa.RecordBatch.from_arrays([lines, pa.array(rows), numbers, fields], schema=SCHEMA)


def _careful(block: bytes, row: int, file: TextFile, spec: TextFormat) -> pa.RecordBatch:
    physical = block.split(b"\n")
    if not physical[-1]:
        physical.pop()
    lines: list[str] = []
    rows: list[int] = []
    fields: list[list[str] | None] = []
    records = _Records(physical, spec)
    for index, text, values, reason in records:
        number = row + index
        if number <= file.header_count or number == file.trailer_row:
            continue
        if reason:
            file.bad.append(BadLine(number, reason, text))
        elif not text.strip("\r"):
            file.blank_count += 1
        else:
            lines.append(text)
            rows.append(number)
            fields.append(values)
    file.continued_count += records.continued
    return _record_batch(
        pa.array(lines, pa.utf8()), np.array(rows, dtype=np.int64), file,
        pa.array(fields, pa.list_(pa.utf8())),
    )


class _Records:
    """Walks physical lines: (index, text, fields or None, reason code or empty) for each record."""

    def __init__(self, physical: list[bytes], spec: TextFormat) -> None:
        self.physical, self.spec, self.continued = physical, spec, 0
        if spec.quote:
            quote, delimiter = re.escape(spec.quote), re.escape(spec.delimiter)
            item = rf"(?:{quote}(?:[^{quote}]|{quote}{quote})*{quote}|[^{quote}{delimiter}\r\n]*)"
            self.whole = re.compile(rf"{item}(?:{delimiter}{item})*\r?")

    def __iter__(self) -> Iterator[tuple[int, str, list[str] | None, str]]:
        index = 0
        while index < len(self.physical):
            text, reason = _decoded(self.physical[index])
            values, used = None, 1
            if not reason and self.spec.quote and self.spec.quote in text:
                values, used = self._quoted(index, text)
                reason = "" if values is not None else "quote"
                if used > 1:
                    text = "\n".join(_decoded(line)[0] for line in self.physical[index:index + used])
            elif not reason and self.spec.format == "jsonl":
                text = _exact_json(text)
            yield index, text, values, reason
            self.continued += used - 1
            index += used

    def _quoted(self, index: int, text: str) -> tuple[list[str] | None, int]:
        """Return the fields of the record that starts here and how many lines it takes."""
        for used in range(1, _MOST_LINES_OF_A_RECORD + 1):
            if self.whole.fullmatch(text):
                reader = csv.reader(
                    [text.removesuffix("\r")], delimiter=self.spec.delimiter,
                    quotechar=self.spec.quote, strict=True,
                )
                return next(reader), used
            # An even number of quotes cannot leave a field open: more lines would not help.
            if text.count(self.spec.quote) % 2 == 0 or index + used >= len(self.physical):
                break
            more, reason = _decoded(self.physical[index + used])
            if reason:
                break
            text = f"{text}\n{more}"
        return None, 1


def _decoded(line: bytes) -> tuple[str, str]:
    if b"\0" in line:
        return line.decode("utf-8", "backslashreplace").replace("\0", "\\x00"), "encoding"
    try:
        return line.decode("utf-8"), ""
    except UnicodeDecodeError:
        return line.decode("utf-8", "backslashreplace"), "encoding"


def _exact_json(text: str) -> str:
    """Return the line with its numbers as texts where a double would not hold them."""
    if not _LONG_NUMBER.search(text.encode()):
        return text
    try:
        return json.dumps(json.loads(text, parse_float=str, parse_int=str), ensure_ascii=False)
    except ValueError:
        return text


def header_names(scan: Scan, spec: TextFormat) -> list[str]:
    """Return the column names of the first line of a CSV file."""
    text = scan.first_line.removeprefix(_BOM).decode("utf-8", "backslashreplace")
    if spec.quote:
        rows: Iterable[list[str]] = csv.reader(
            [text], delimiter=spec.delimiter, quotechar=spec.quote
        )
        return [name.strip() for name in next(iter(rows), [])]
    return [name.strip() for name in text.split(spec.delimiter)]


def csv_sql(spec: TextFormat, names: Sequence[str]) -> str:
    """Return the query that names the fields of CSV lines; it reads the view `lines`."""
    delimiter = spec.delimiter.replace("'", "''")
    split = f"string_split(_line, '{delimiter}')"
    broken = f"WHEN len(_a) <> {len(names)} THEN 'column_count'"
    if spec.quote:
        split = f"coalesce(_fields, {split})"
    else:
        broken += " WHEN contains(_line, '\"') THEN 'quote'"
    fields = [f"nullif(_a[{no}], '')" for no in range(1, len(names))]
    fields.append(f"nullif(rtrim(_a[{len(names)}], chr(13) || chr(10)), '')")
    named = ", ".join(f'{field} AS "{name}"' for field, name in zip(fields, names, strict=True))
    return (
        f"SELECT _line, _source_row, _file_no, CASE {broken} END AS _broken, {named}"  # noqa: S608
        f" FROM (SELECT *, {split} AS _a FROM lines)"
    )


def jsonl_sql(names: Sequence[str]) -> str:
    """Return the query that names the keys of JSON lines; it reads the view `lines`."""
    paths = ", ".join("'$.\"" + name.replace("'", "''") + "\"'" for name in names)
    named = ", ".join(f'nullif(_a[{no}], \'\') AS "{name}"' for no, name in enumerate(names, 1))
    return (
        "SELECT _line, _source_row, _file_no,"  # noqa: S608
        f" CASE WHEN _a IS NULL THEN 'json' END AS _broken, {named}"
        " FROM (SELECT *, CASE WHEN starts_with(ltrim(_line), '{')"
        f" THEN TRY(json_extract_string(_line, [{paths}])) END AS _a FROM lines)"
    )


def parquet_sql(path: Path, columns: Sequence[tuple[str, str]], contract: Contract) -> str:
    """Return the query that reads the columns of a Parquet file as text.

    Args:
        path: the file.
        columns: name and DuckDB type of its columns.
        contract: only there to bring doubles to the decimals they are meant to have.
    """
    decimals = {c.name: c.sql_type for c in contract.columns if c.type.startswith("decimal")}
    named = []
    for name, kind in columns:
        value = f'"{name}"'
        if kind in ("DOUBLE", "FLOAT") and name in decimals:
            value = f"TRY_CAST({value} AS {decimals[name]})"
        named.append(f'nullif({value}::VARCHAR, \'\') AS "{name}"')
    packed = ", ".join(f"'{name}': \"{name}\"" for name, _ in columns)
    literal = str(path).replace("'", "''")
    return (
        f"SELECT to_json({{{packed}}})::VARCHAR AS _line, file_row_number + 1 AS _source_row,"  # noqa: S608
        f" 0 AS _file_no, NULL::VARCHAR AS _broken, {', '.join(named)}"
        f" FROM read_parquet('{literal}', file_row_number = true)"
    )
