"""The careful path: a block of text with something odd in it, line by line.

It gives what the fast path gives for every line that has nothing odd in it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

_MOST_LINES_OF_A_RECORD = 100
# yyjson reads a number as a double; more than 15 digits would come back changed.
LONG_NUMBER = re.compile(rb"[:,\[][ \t]*-?[0-9.eE+-]{16,}")


@dataclass(frozen=True)
class TextFormat:
    """What decides how a text file falls into lines and fields."""

    format: str
    delimiter: str = ","
    quote: str = ""
    careful: bool = False
    # Fields of a line; 0 where the line is handed on whole.
    width: int = 0

    def fields(self, text: str, values: list[str] | None) -> tuple[str | None, list[str | None]]:
        """Return why a line is broken, and its fields, of which empty and missing ones are None."""
        if not self.width:
            return None, []
        found = values or text.rstrip("\r\n").split(self.delimiter)
        named = [value or None for value in found[: self.width]]
        named += [None] * (self.width - len(named))
        if len(found) != self.width:
            return "column_count", named
        return "quote" if not self.quote and '"' in text else None, named


@dataclass
class BadLine:
    """A line that could not be handed on as text or fields."""

    source_row: int
    reason_code: str
    line: str


class Records:
    """Walks the records of a block: (index of first line, text, fields or None, reason code).

    A quoted field may hold line feeds. A quote that never closes must not swallow what follows:
    only the line that opens it is bad, and reading goes on with the next. A record that is still
    open at the end of a block that is not the last is left for the next block.
    """

    def __init__(self, block: bytes, spec: TextFormat, *, is_last: bool) -> None:
        self.physical = block.split(b"\n")
        if not self.physical[-1]:
            self.physical.pop()
        self.spec, self.is_last = spec, is_last
        self.continued = 0
        self.used_lines, self.used_bytes = len(self.physical), len(block)
        if spec.quote:
            quote, delimiter = re.escape(spec.quote), re.escape(spec.delimiter)
            item = rf"(?:{quote}(?:[^{quote}]|{quote}{quote})*{quote}|[^{quote}{delimiter}\r\n]*)"
            self.whole = re.compile(rf"{item}(?:{delimiter}{item})*\r?")

    def __iter__(self) -> Iterator[tuple[int, str, list[str] | None, str]]:
        """Yield the records; afterwards the counts tell what was used."""
        index = 0
        while index < len(self.physical):
            text, reason = decoded(self.physical[index])
            values, used = None, 1
            if not reason and self.spec.quote and self.spec.quote in text:
                text, values, used = self._quoted(index, text)
                if not used:
                    self.used_lines = index
                    self.used_bytes = sum(len(line) + 1 for line in self.physical[:index])
                    return
                reason = "" if values is not None else "quote"
            elif not reason and self.spec.format == "jsonl":
                text = _exact_json(text)
            yield index, text, values, reason
            self.continued += used - 1
            index += used

    def _quoted(self, index: int, text: str) -> tuple[str, list[str] | None, int]:
        """Return text, fields and number of lines of the record that starts here; 0 lines: wait."""
        first = text
        for used in range(1, _MOST_LINES_OF_A_RECORD + 1):
            if self.whole.fullmatch(text):
                return text, self._fields(text), used
            # An even number of quotes leaves no field open: more lines would not help.
            if text.count(self.spec.quote) % 2 == 0:
                break
            if index + used >= len(self.physical):
                return (first, None, 1) if self.is_last else (first, None, 0)
            more, reason = decoded(self.physical[index + used])
            if reason:
                break
            text = f"{text}\n{more}"
        return first, None, 1

    def _fields(self, text: str) -> list[str]:
        # Not splitlines: it takes form feeds and the like for line ends.
        stream = io.StringIO(text.removesuffix("\r"), newline="")
        return next(
            csv.reader(
                stream, delimiter=self.spec.delimiter, quotechar=self.spec.quote, strict=True
            )
        )


def decoded(line: bytes) -> tuple[str, str]:
    """Return the text of a line, and `encoding` when it is none."""
    if b"\0" in line:
        return line.decode("utf-8", "backslashreplace").replace("\0", "\\x00"), "encoding"
    try:
        return line.decode("utf-8"), ""
    except UnicodeDecodeError:
        return line.decode("utf-8", "backslashreplace"), "encoding"


def _exact_json(text: str) -> str:
    """Return the line with its numbers as texts where a double would not hold them."""
    if not LONG_NUMBER.search(text.encode()):
        return text
    try:
        return json.dumps(json.loads(text, parse_float=str, parse_int=str), ensure_ascii=False)
    except ValueError:
        return text
