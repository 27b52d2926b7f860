"""Lines of landed text files as Arrow, with the number of each line in its file.

A reader that honours quotes loses lines in silence when a stray quote opens a field. Here a line
is what lies between two line feeds, nothing else. The fast path splits a block with Arrow and takes
its word only when it saw as many lines as there are line feeds; a block with anything odd in it
(NUL, bytes that are not UTF-8, lone carriage returns, quotes that do more than wrap a field, long
JSON numbers) takes the careful path line by line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.scan import BOM, Scan, read_content
from ingestion.sources.careful import LONG_NUMBER, BadLine, Records
from ingestion.sources.fields import Fields, cut, split
from ingestion.sources.textformat import ASIDE, TextFormat, schema

# Batches, the bytes they used, and the lines they were.
Read = tuple[list[pa.RecordBatch], int, int]

_BLANK = (b"\n", b"\r\n", b"\r")


@dataclass
class TextFile:
    """One file to read, and what reading it brought to light.

    A record with line feeds in a quoted field takes several lines; `continued_count` are those
    after its first; `header_count` are all lines up to the header.
    """

    no: int
    path: Path
    where: str
    scan: Scan
    header_count: int = 0
    trailer_row: int | None = None
    blank_count: int = 0
    continued_count: int = 0
    # Lines that their beginning tells to be no records: by kind.
    aside: Counter[str] = field(default_factory=Counter)
    bad: list[BadLine] = field(default_factory=list)


def edge_lines(file: TextFile, spec: TextFormat) -> pa.Table:
    """Return the first and the last lines of a file, to guess what it holds."""
    block, _ = next(_blocks(file))
    some = b"\n".join([*block.split(b"\n", 20)[:20], file.scan.last_line])
    edges = TextFile(file.no, file.path, file.where, file.scan)
    batches, _, _ = _careful(some, 1, edges, spec, is_last=True)
    return pa.Table.from_batches(batches)


def batches(file: TextFile, spec: TextFormat, *, with_lines: bool) -> Iterator[pa.RecordBatch]:
    """Yield the data lines of a file in order of block and line.

    Args:
        file: what to read; what is no record is counted in it.
        spec: how lines fall into fields.
        with_lines: hand on the text of the lines too, which only broken ones are asked for.
    """
    file.blank_count, file.continued_count, file.bad, file.aside = 0, 0, [], Counter()
    row, rest = 1, b""
    for block, is_last in _blocks(file):
        cut = len(block) if is_last else block.rfind(b"\n") + 1
        if not cut:
            rest += block
            continue
        whole, rest_of_block = rest + block[:cut], block[cut:]
        read = None if spec.careful else _quick(whole, row, file, spec, with_lines=with_lines)
        found, used, lines = read or _careful(whole, row, file, spec, is_last=is_last)
        rest = whole[used:] + rest_of_block
        row += lines
        yield from (batch for batch in found if batch.num_rows)


def _blocks(file: TextFile) -> Iterator[tuple[bytes, bool]]:
    """Yield the content of a file without byte order mark, and whether a block is the last."""
    before: bytes | None = None
    first = True
    for block in read_content(file.path, file.where, file.scan):
        if before is not None:
            yield before, False
        before = block.removeprefix(BOM) if first else block
        first = False
    if before is not None:
        yield before, True


class _Block:
    """Some whole lines, and where each begins and ends."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        feeds = int(np.count_nonzero(np.frombuffer(content, dtype=np.uint8) == 10))
        self.count = feeds + (not content.endswith(b"\n"))

    @cached_property
    def offsets(self) -> Any:
        feeds = np.flatnonzero(np.frombuffer(self.content, dtype=np.uint8) == 10) + 1
        offsets = np.full(self.count + 1, len(self.content), dtype=np.int32)
        offsets[0] = 0
        offsets[1 : len(feeds) + 1] = feeds
        return offsets

    @cached_property
    def lines(self) -> pa.StringArray:
        """The lines with their line ends, without a copy."""
        buffers = [None, pa.py_buffer(self.offsets), pa.py_buffer(self.content)]
        return pa.Array.from_buffers(pa.utf8(), self.count, buffers)

    def holding(self, sign: bytes) -> Any:
        """Return the index of the lines that hold a sign."""
        at = np.flatnonzero(np.frombuffer(self.content, dtype=np.uint8) == ord(sign))
        return np.unique(np.searchsorted(self.offsets, at, side="right") - 1)

    def blank(self) -> Any:
        """Return the index of the lines that hold nothing."""
        short = np.flatnonzero(np.diff(self.offsets) <= 2)
        lines = ((no, self.content[self.offsets[no] : self.offsets[no + 1]]) for no in short)
        return np.array([no for no, line in lines if line in _BLANK], dtype=np.int64)


def _quick(
    content: bytes, row: int, file: TextFile, spec: TextFormat, *, with_lines: bool
) -> Read | None:
    """Return the data lines of a block by the fast path, None when it needs care."""
    unquoted = _unquoted(content, spec) if spec.quote else content
    if unquoted is None or _is_odd(content, spec):
        return None
    block = _Block(content)
    plain = block if unquoted is content else _Block(unquoted)
    # Whoever wants to see the line wants to see all of it.
    wanted = () if with_lines else spec.wanted
    fields = _fields(plain, spec, wanted)
    if fields is None or (spec.width and fields.line_count != block.count):
        return None
    index, columns = np.arange(block.count), fields.columns
    refused = np.array(fields.refused, dtype=np.int64)
    if fields.refused:
        index = np.delete(index, refused)
    kinds = {kind: _matching(plain, pattern) for kind, pattern in spec.kinds.items()}
    has_blank = not any(column.null_count == 0 for column in columns)
    aside = _aside(block, row, file, kinds, has_blank=has_blank)
    if len(aside):
        keep = ~np.isin(index, aside)
        index, columns = index[keep], [column.filter(pa.array(keep)) for column in columns]
        refused = np.setdiff1d(refused, aside)
    lines = block.lines if with_lines or not spec.width else None
    reasons = _reasons(block, index, kinds, spec)
    digits = _digits(columns, spec.numbers)
    batches = [_record_batch(lines, index, row, file, columns, reasons, digits)]
    if len(refused):
        texts = plain.lines.take(pa.array(refused)).to_pylist()
        why, columns = _columns([spec.fields(text, None) for text in texts], spec)
        batches.append(_record_batch(lines, refused, row, file, columns, why))
    return batches, len(content), block.count


def _fields(block: _Block, spec: TextFormat, wanted: Sequence[int]) -> Fields | None:
    if not spec.width:
        return Fields([], [])
    return cut(block.lines, spec) if spec.slices else split(block.content, spec, wanted)


def _matching(block: _Block, pattern: str) -> Any:
    """Return the index of the lines that begin like this."""
    return np.flatnonzero(pc.match_substring_regex(block.lines, pattern).to_numpy(False))


def _reasons(block: _Block, index: Any, kinds: dict[str, Any], spec: TextFormat) -> pa.Array | None:
    """Return why lines of the right width are broken all the same: their tag, a stray quote."""
    found: dict[str, Any] = {}
    if not spec.quote and spec.width and not spec.slices and b'"' in block.content:
        found["quote"] = block.holding(b'"')
    if "detail" in kinds:
        found["record_type"] = np.setdiff1d(np.arange(block.count), kinds["detail"])
    if not found:
        return None
    reasons = np.full(len(index), None, dtype=object)
    for reason, lines in found.items():
        reasons[np.isin(index, lines)] = reason
    return pa.array(reasons, pa.utf8())


def _aside(
    block: _Block, row: int, file: TextFile, kinds: dict[str, Any], *, has_blank: bool
) -> Any:
    """Return the index of the lines that are no records: header, trailer, comment, blank."""
    edges = list(range(row, min(file.header_count + 1, row + block.count)))
    if file.trailer_row is not None and row <= file.trailer_row < row + block.count:
        edges.append(file.trailer_row)
    aside = np.array(edges, dtype=np.int64) - row
    for kind in ASIDE:
        if kind in kinds:
            lines = np.setdiff1d(kinds[kind], aside)
            file.aside[kind] += len(lines)
            aside = np.concatenate([aside, lines])
    if has_blank:
        blank = np.setdiff1d(block.blank(), aside)
        file.blank_count += len(blank)
        aside = np.concatenate([aside, blank])
    return aside


def _digits(columns: Sequence[pa.StringArray], numbers: Sequence[int]) -> int:
    """Return a bit for each of these columns that holds nothing but digits, no zero in front."""
    found = 0
    for no in numbers:
        column = columns[no]
        _, at, content = column.buffers()
        if content is None:
            continue
        offsets = np.frombuffer(at, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
        signs = np.frombuffer(content, dtype=np.uint8)
        starts = offsets[:-1][np.diff(offsets) > 0]
        digits = signs[offsets[0] : offsets[-1]] - ord("0")
        is_whole = (digits < 10).all() and (signs[starts] != ord("0")).all()
        found |= int(is_whole) << no
    return found


def _unquoted(block: bytes, spec: TextFormat) -> bytes | None:
    """Return a block without its quotes, None when they do more than wrap whole fields."""
    if spec.escape and spec.escape.encode() in block:
        return None
    if spec.quote.encode() not in block:
        return block
    if not (spec.quote + spec.delimiter).isascii() or len(spec.delimiter) > 1:
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


def _is_odd(block: bytes, spec: TextFormat) -> bool:
    if b"\0" in block or (spec.format == "jsonl" and LONG_NUMBER.search(block)):
        return True
    if block.isascii():
        return False
    try:
        block.decode()
    except UnicodeDecodeError:
        return True
    return False


def _record_batch(
    lines: pa.Array | None,
    index: Any,
    row: int,
    file: TextFile,
    columns: Sequence[pa.Array],
    broken: pa.Array | None,
    digits: int = 0,
) -> pa.RecordBatch:
    count = len(index)
    if lines is None:
        lines = pa.nulls(count, pa.utf8())
    elif count < len(lines):
        lines = lines.take(pa.array(index))
    numbers = pa.array(np.full(count, file.no, dtype=np.int32))
    broken = pa.nulls(count, pa.utf8()) if broken is None else broken
    told = [broken, pa.array(np.full(count, digits, dtype=np.int64))]
    arrays = [lines, pa.array(index + row), numbers, *told, *columns]
    return pa.RecordBatch.from_arrays(arrays, schema=schema(len(columns)))


def _careful(block: bytes, row: int, file: TextFile, spec: TextFormat, *, is_last: bool) -> Read:
    lines: list[str] = []
    index: list[int] = []
    fields: list[tuple[str | None, list[str | None]]] = []
    records = Records(block, spec, is_last=is_last)
    for no, text, values, reason in records:
        number = row + no
        if number <= file.header_count or number == file.trailer_row:
            continue
        if reason:
            file.bad.append(BadLine(number, reason, text))
        elif text in ("", "\r"):
            file.blank_count += 1
        elif (kind := spec.kind_of(text)) in ASIDE:
            file.aside[kind] += 1
        else:
            lines.append(text)
            index.append(no)
            fields.append(spec.fields(text, values))
    file.continued_count += records.continued
    broken, columns = _columns(fields, spec)
    at = np.array(index, dtype=np.int64)
    batch = _record_batch(pa.array(lines, pa.utf8()), at, row, file, columns, broken)
    return [batch], records.used_bytes, records.used_lines


def _columns(
    lines: Sequence[tuple[str | None, list[str | None]]], spec: TextFormat
) -> tuple[pa.Array, list[pa.Array]]:
    """Return what is wrong with some lines, and their fields column by column."""
    rows = [[why, *named] for why, named in lines] or [[None] * (spec.width + 1)]
    broken, *columns = (pa.array(column, pa.utf8()) for column in zip(*rows, strict=True))
    return broken.slice(0, len(lines)), [column.slice(0, len(lines)) for column in columns]
