"""The fast split of a block of lines into fields, by Arrow.

Arrow ends a row at a lone carriage return too, and it refuses rows of another width. So its word
counts only when rows and refused rows together are as many as the line feeds: the caller compares.
"""

from __future__ import annotations

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


def split(block: bytes, lines: pa.StringArray, spec: TextFormat) -> Fields | None:
    """Return the fields of a block without quotes, and of its lines; an empty field is null.

    None when the delimiter cannot be told from what stands in the fields.
    """
    if spec.slices:
        return _sliced(lines, spec)
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
        ),
    )
    return Fields([_whole(column) for column in table.columns], refused)


def _sliced(lines: pa.StringArray, spec: TextFormat) -> Fields:
    lines = pc.utf8_rtrim(lines, "\r\n")
    fits = pc.equal(pc.utf8_length(lines), spec.line_length)
    whole = lines.filter(fits)
    columns = []
    for one in spec.slices:
        cut = pc.utf8_slice_codeunits(whole, one.start - 1, one.start + one.length - 1)
        value = pc.utf8_trim(cut, " ")
        columns.append(pc.if_else(pc.equal(value, ""), pa.scalar(None, pa.utf8()), value))
    refused = [no for no, fit in enumerate(fits.to_pylist()) if not fit]
    return Fields(columns, refused)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
