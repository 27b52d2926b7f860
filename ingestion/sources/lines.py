"""Lines of landed text files as Arrow, with the number of each line in its file.

DuckDB's own CSV reader loses lines in silence when a stray quote opens a field, and stops at mixed
line ends. Here a line is what lies between two line feeds, nothing else: the fast path finds the
feeds with numpy and hands the bytes on without a copy; a block with anything odd in it (NUL,
bytes that are not UTF-8, quotes that do more than wrap a field, long JSON numbers) takes the
careful path line by line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ingestion.scan import BOM, Scan, read_content
from ingestion.sources.careful import LONG_NUMBER, BadLine, Records, TextFormat, decoded

SCHEMA = pa.schema(
    [
        ("_line", pa.utf8()),
        ("_source_row", pa.int64()),
        ("_file_no", pa.int32()),
        # Where quotes are in use: the line without them, or the fields of a line that needs care.
        ("_plain", pa.utf8()),
        ("_fields", pa.list_(pa.utf8())),
    ]
)


@dataclass
class TextFile:
    """One file to read, and what reading it brought to light.

    A record with line feeds in a quoted field takes several lines; `continued_count` are those
    after its first.
    """

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
    return pa.RecordBatchReader.from_batches(
        SCHEMA, (batch for file in files for batch in _batches(file, spec))
    )


def edge_lines(file: TextFile, spec: TextFormat) -> pa.Table:
    """Return the first and the last lines of a file, to guess what it holds."""
    lines: list[str] = []
    for block, _ in _blocks(file):
        lines += [decoded(line)[0] for line in block.split(b"\n", 20)[:20]]
        break
    lines.append(decoded(file.scan.last_line)[0])
    columns = {"_line": lines, "_source_row": [0] * len(lines), "_file_no": [0] * len(lines)}
    nothing = [None] * len(lines)
    return pa.table({**columns, "_plain": nothing, "_fields": nothing}, schema=SCHEMA)


def _batches(file: TextFile, spec: TextFormat) -> Iterator[pa.RecordBatch]:
    file.blank_count, file.continued_count, file.bad = 0, 0, []
    row, rest = 1, b""
    for block, is_last in _blocks(file):
        cut = len(block) if is_last else block.rfind(b"\n") + 1
        if not cut:
            rest += block
            continue
        whole, rest_of_block = rest + block[:cut], block[cut:]
        batch, used, lines = _batch(whole, row, file, spec, is_last=is_last)
        rest = whole[used:] + rest_of_block
        row += lines
        if batch.num_rows:
            yield batch


def _blocks(file: TextFile) -> Iterator[tuple[bytes, bool]]:
    """Yield the content of a file without byte order mark, and whether a block is the last."""
    if file.scan.content is not None:
        yield file.scan.content.removeprefix(BOM), True
        return
    before: bytes | None = None
    first = True
    for block in read_content(file.path, file.where):
        if before is not None:
            yield before, False
        before = block.removeprefix(BOM) if first else block
        first = False
    if before is not None:
        yield before, True


def _batch(
    block: bytes, row: int, file: TextFile, spec: TextFormat, *, is_last: bool
) -> tuple[pa.RecordBatch, int, int]:
    """Return the data lines of a block, the bytes they used, and the lines they were."""
    offsets, lines = _lines(block)
    count = len(lines)
    unquoted = _unquoted(block, spec) if spec.quote and spec.quote.encode() in block else block
    if spec.careful or unquoted is None or _is_odd(block, lines, spec):
        return _careful(block, row, file, spec, is_last=is_last)
    plain = pa.nulls(count, pa.utf8()) if unquoted is block else _lines(unquoted)[1]
    rows = np.arange(row, row + count, dtype=np.int64)
    keep = _kept(block, offsets, rows, file)
    if not keep.all():
        mask = pa.array(keep)
        lines, plain, rows = lines.filter(mask), plain.filter(mask), rows[keep]
    return _record_batch(lines, rows, file, plain, None), len(block), count


def _lines(block: bytes) -> tuple[Any, pa.StringArray]:
    """Return where the lines of a block begin and end, and the lines with their line ends."""
    ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == 10) + 1
    if not len(ends) or ends[-1] != len(block):
        ends = np.append(ends, len(block))
    offsets = np.zeros(len(ends) + 1, dtype=np.int32)
    offsets[1:] = ends
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(block)]
    return offsets, pa.Array.from_buffers(pa.utf8(), len(ends), buffers)


def _unquoted(block: bytes, spec: TextFormat) -> bytes | None:
    """Return a block without its quotes, None when they do more than wrap whole fields."""
    if not (spec.quote + spec.delimiter).isascii():
        return None
    data = np.frombuffer(block, dtype=np.uint8)
    is_quote = data == ord(spec.quote)
    at = np.flatnonzero(is_quote)
    padded = np.frombuffer(b"\n" + block + b"\n\n", dtype=np.uint8)
    edges = [10, ord(spec.delimiter)]
    after, behind = padded[at[1::2] + 2], padded[at[1::2] + 3]
    wraps = (
        len(at) % 2 == 0
        and np.isin(padded[at[0::2]], edges).all()
        and (np.isin(after, edges) | ((after == 13) & (behind == 10))).all()
    )
    # The count may run over: only whether it is odd matters.
    is_inside = np.cumsum(is_quote, dtype=np.uint8) & 1 == 1
    if not wraps or np.isin(data[is_inside], edges).any():
        return None
    return bytes(data[~is_quote])


def _is_odd(block: bytes, lines: pa.StringArray, spec: TextFormat) -> bool:
    if b"\0" in block or (spec.format == "jsonl" and LONG_NUMBER.search(block)):
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
    blank = lengths <= 2
    for index in np.flatnonzero(blank):
        line = block[offsets[index] : offsets[index + 1]]
        blank[index] = line.removesuffix(b"\n") in (b"", b"\r")
    edge = rows <= file.header_count
    if file.trailer_row is not None:
        edge |= rows == file.trailer_row
    file.blank_count += int((blank & ~edge).sum())
    return ~(blank | edge)


def _record_batch(
    lines: pa.Array, rows: Any, file: TextFile, plain: pa.Array | None, fields: pa.Array | None
) -> pa.RecordBatch:
    count = len(lines)
    numbers = pa.array(np.full(count, file.no, dtype=np.int32))
    plain = pa.nulls(count, pa.utf8()) if plain is None else plain
    fields = pa.nulls(count, pa.list_(pa.utf8())) if fields is None else fields
    return pa.RecordBatch.from_arrays(
        [lines, pa.array(rows), numbers, plain, fields], schema=SCHEMA
    )


def _careful(
    block: bytes, row: int, file: TextFile, spec: TextFormat, *, is_last: bool
) -> tuple[pa.RecordBatch, int, int]:
    lines: list[str] = []
    rows: list[int] = []
    fields: list[list[str] | None] = []
    records = Records(block, spec, is_last=is_last)
    for index, text, values, reason in records:
        number = row + index
        if number <= file.header_count or number == file.trailer_row:
            continue
        if reason:
            file.bad.append(BadLine(number, reason, text))
        elif text in ("", "\r"):
            file.blank_count += 1
        else:
            lines.append(text)
            rows.append(number)
            fields.append(values)
    file.continued_count += records.continued
    batch = _record_batch(
        pa.array(lines, pa.utf8()),
        np.array(rows, dtype=np.int64),
        file,
        None,
        pa.array(fields, pa.list_(pa.utf8())),
    )
    return batch, records.used_bytes, records.used_lines
