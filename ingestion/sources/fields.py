"""The fast split of a block of lines into fields, by Arrow.

Arrow ends a row at a lone carriage return too, and it refuses rows of another width. So its word
counts only when rows and refused rows together are as many as the line feeds: the caller compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from ingestion.sources.textformat import TextFormat

# Stands for a delimiter of several bytes, which Arrow does not know.
_UNIT_SEPARATOR = b"\x1f"


@dataclass(frozen=True)
class Fields:
    """The columns of the lines that have the right width, and the index of those that have not."""

    columns: list[pa.Array]
    refused: list[int]

    @property
    def line_count(self) -> int:
        """Return how many lines Arrow saw."""
        return (len(self.columns[0]) if self.columns else 0) + len(self.refused)


def split(block: bytes, spec: TextFormat, wanted: Sequence[int] = ()) -> Fields | None:
    """Return the fields of a block without quotes; an empty field is null.

    Args:
        block: whole lines.
        spec: how lines fall into fields.
        wanted: fields that are asked for, the others may be null; all when empty.

    Returns:
        None when the delimiter cannot be told from what stands in the fields.
    """
    delimiter = spec.delimiter.encode()
    if len(delimiter) > 1:
        if _UNIT_SEPARATOR in block:
            return None
        block, delimiter = block.replace(delimiter, _UNIT_SEPARATOR), _UNIT_SEPARATOR
    refused: list[int] = []

    def refuse(row: Any) -> str:
        refused.append(row.number - 1)
        return "skip"

    names = [f"c{no}" for no in range(1, spec.width + 1)]
    table = arrow_csv.read_csv(
        pa.BufferReader(block),
        read_options=arrow_csv.ReadOptions(
            use_threads=False, block_size=len(block) + 1, column_names=names
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter.decode(),
            quote_char=False,
            ignore_empty_lines=False,
            invalid_row_handler=refuse,
        ),
        convert_options=arrow_csv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(names, pa.utf8()),
            null_values=[""],
            strings_can_be_null=True,
            include_columns=[names[no] for no in wanted],
        ),
    )
    found = dict(zip(table.column_names, map(_whole, table.columns), strict=True))
    nothing = pa.nulls(table.num_rows, pa.utf8())
    return Fields([found.get(name, nothing) for name in names], refused)


def cut(lines: pa.StringArray, spec: TextFormat) -> Fields:
    """Return the fields of lines of fixed width; a blank field is null."""
    lines = pc.utf8_rtrim(lines, "\r\n")
    fits = pc.equal(pc.utf8_length(lines), spec.line_length)
    whole = lines.filter(fits)
    columns = []
    for one in spec.slices:
        part = pc.utf8_slice_codeunits(whole, one.start - 1, one.start + one.length - 1)
        value = pc.utf8_trim(part, " ")
        columns.append(pc.if_else(pc.equal(value, ""), pa.scalar(None, pa.utf8()), value))
    refused = [no for no, fit in enumerate(fits.to_pylist()) if not fit]
    return Fields(columns, refused)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
