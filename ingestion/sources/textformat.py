"""What decides how a text file falls into lines and fields: the agreement of both reading paths."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from ingestion.layout import Field, Tags

# Lines that are no records are counted as one of these.
ASIDE = ("comment", "header", "other", "trailer")


@dataclass(frozen=True)
class TextFormat:
    """How lines fall into fields; `careful` sends every line down the careful path."""

    format: str
    delimiter: str = ","
    quote: str = ""
    careful: bool = False
    # Fields of a line; 0 where the line is handed on whole.
    width: int = 0
    escape: str = ""
    comment: str = ""
    tags: Tags | None = None
    slices: tuple[Field, ...] = ()
    # Fields, counted from 0, of which `_digits` tells whether they are whole numbers.
    numbers: tuple[int, ...] = ()
    # Fields, counted from 0, that the mapping asks for; all when empty.
    wanted: tuple[int, ...] = ()

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Return a regular expression for the lines of each kind that is told by its beginning."""
        kinds = {"comment": re.escape(self.comment)} if self.comment else {}
        if self.tags:
            ends = "" if self.slices else rf"(?:{re.escape(self.delimiter)}|\r|\n|$)"
            quote = f"{re.escape(self.quote)}?" if self.quote else ""
            for kind in ("header", "other", "trailer", "detail"):
                tags = "|".join(map(re.escape, getattr(self.tags, kind)))
                if tags:
                    kinds[kind] = f"{quote}(?:{tags}){quote}{ends}"
        return {kind: f"^{pattern}" for kind, pattern in kinds.items()}

    def kind_of(self, text: str) -> str:
        """Return what a line is: one of ASIDE, `detail`, or nothing of them."""
        if not self.kinds:
            return "detail"
        for kind, pattern in self.kinds.items():
            if re.match(pattern, text):
                return kind
        return "" if "detail" in self.kinds else "detail"

    @cached_property
    def line_length(self) -> int:
        """Return how long a line of fixed width is."""
        return max(field.start + field.length - 1 for field in self.slices)

    def fields(
        self, text: str, values: Sequence[str] | None
    ) -> tuple[str | None, list[str | None]]:
        """Return why a line is broken, and its fields, of which empty and missing ones are None."""
        if not self.width:
            return None, []
        text = text.rstrip("\r\n")
        if self.slices:
            found = [text[one.start - 1 : one.start + one.length - 1] for one in self.slices]
            fits = len(text) == self.line_length
            found = [value.strip(" ") for value in found]
        else:
            found = list(values or text.split(self.delimiter))
            fits = len(found) == self.width
        named = [value or None for value in found[: self.width]]
        named += [None] * (self.width - len(named))
        if not self.kind_of(text):
            return "record_type", named
        if not fits:
            return "column_count", named
        stray = not self.quote and not self.slices and '"' in text
        return "quote" if stray else None, named


def schema(width: int) -> pa.Schema:
    """Return the columns of the view `lines`: where a line is from, and its fields in order.

    A bit of `_digits` is set when a field of all lines of its block is empty or digits without a
    leading zero: what need not be looked at line by line.
    """
    fields = [(f"c{no}", pa.utf8()) for no in range(1, width + 1)]
    place = [("_source_row", pa.int64()), ("_file_no", pa.int32())]
    told = [("_broken", pa.utf8()), ("_digits", pa.int64())]
    return pa.schema([("_line", pa.utf8()), *place, *told, *fields])
