"""Records of formats that have no lines: each reader streams elements, here they become columns.

A reader knows how to walk one format and nothing else. How many elements there are is counted
apart, from the bytes, before anything is read: what is not there in the end refuses the file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa

from ingestion.errors import FileRefusedError
from ingestion.layout import Layout
from ingestion.packed import BOM, size_text
from ingestion.sources.textformat import schema

_BATCH = 5_000
_MOST_BYTES_OF_A_LINE = 16 << 20
# Reason of an element that is the header: it is counted, and is no record.
HEADER = "header"
Texts = Mapping[str, str | None]


@dataclass(frozen=True)
class Element:
    """One record: its number or line, its values by name, and why it is broken, if it is.

    Names of inner values have dots: `price.value`, `items.0.id`. `text` is the record as it stood,
    where it is not simply its values.
    """

    row: int
    values: Texts
    reason: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class ElementReader:
    """How one format is counted and walked, from blocks of UTF-8, or of bytes of a binary format.

    `names` returns the columns of one file, where it names them itself; `is_whole` tells that a
    file is held in memory whole.
    """

    count: Callable[[Iterable[bytes], str, Layout], int]
    walk: Callable[[Iterable[bytes], str, Layout], Iterator[Element]]
    names: Callable[[Iterable[bytes], str, Layout], tuple[str, ...]] | None = None
    is_binary: bool = False
    is_whole: bool = False


def as_batches(
    elements: Iterator[Element], file_no: int, names: Sequence[str], aside: Counter[str]
) -> Iterator[pa.RecordBatch]:
    """Yield elements as batches of the view `lines`, with a column for each name."""
    while some := list(islice(elements, _BATCH)):
        records = [one for one in some if one.reason != HEADER]
        aside[HEADER] += len(some) - len(records)
        texts = [one.text or json.dumps(one.values, ensure_ascii=False) for one in records]
        rows = pa.array([one.row for one in records], pa.int64())
        files = pa.array([file_no] * len(records), pa.int32())
        reasons = pa.array([one.reason for one in records], pa.utf8())
        columns = [
            pa.array([one.values.get(name) or None for one in records], pa.utf8()) for name in names
        ]
        digits = pa.array([0] * len(records), pa.int64())
        arrays = [pa.array(texts, pa.utf8()), rows, files, reasons, digits, *columns]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema(len(names)))


def lines_of(blocks: Iterable[bytes], where: str) -> Iterator[bytes]:
    """Yield lines without their line feeds.

    Raises:
        FileRefusedError: one is too long for the memory.
    """
    rest = b""
    for no, block in enumerate(blocks):
        text = rest + (block if no else block.removeprefix(BOM))
        *lines, rest = text.split(b"\n")
        if len(rest) > _MOST_BYTES_OF_A_LINE:
            what = f"a line is longer than {size_text(_MOST_BYTES_OF_A_LINE)}"
            raise malformed("text", where, what)
        yield from lines
    if rest:
        yield rest


def malformed(kind: str, where: str, what: str) -> FileRefusedError:
    """Return the error of a file that is not what its format says."""
    return FileRefusedError(
        f"the file is not {kind}: {what}",
        where=where,
        effect="nothing was loaded from it",
        fix="look at format in the mapping, or ask for the file again under a new name",
    )


def flat(value: object, name: str = "") -> Iterator[tuple[str, str | None]]:
    """Yield the texts inside a JSON value by their dotted names."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for no, inner in enumerate(value):
            yield from flat(inner, f"{name}.{no}" if name else str(no))
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    else:
        yield name, None if value is None else str(value)
