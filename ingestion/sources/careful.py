"""The careful path: a block of text with something odd in it, line by line.

It gives what the fast path gives for every line that has nothing odd in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingestion.sources.textformat import TextFormat

_MOST_LINES_OF_A_RECORD = 100
# yyjson reads a number as a double; more than 15 digits would come back changed.
LONG_NUMBER = re.compile(rb"[:,\[][ \t]*-?[0-9.eE+-]{16,}")


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
            item = _item(spec)
            ends = re.escape(spec.delimiter)
            self.item = re.compile(rf"(?:{item})({ends}|\r?\Z)", re.DOTALL)
            self.whole = re.compile(
                rf"(?:{_no_groups(item)})(?:{ends}(?:{_no_groups(item)}))*\r?", re.DOTALL
            )

    def __iter__(self) -> Iterator[tuple[int, str, list[str] | None, str]]:
        """Yield the records; afterwards the counts tell what was used."""
        index = 0
        while index < len(self.physical):
            text, reason = decoded(self.physical[index])
            values, used = None, 1
            if not reason and self._needs_parsing(text):
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

    def _needs_parsing(self, text: str) -> bool:
        spec = self.spec
        return bool(spec.quote) and any(sign and sign in text for sign in (spec.quote, spec.escape))

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
        """Return the fields of a whole record."""
        values, at = [], 0
        while match := self.item.match(text, at):
            wrapped, bare, end = match.groups()
            values.append(self._plain(wrapped or bare or "", is_wrapped=bare is None))
            at = match.end()
            if end != self.spec.delimiter:
                break
        return values

    def _plain(self, text: str, *, is_wrapped: bool) -> str:
        if is_wrapped:
            text = text.replace(self.spec.quote * 2, self.spec.quote)
        if self.spec.escape:
            text = re.sub(rf"{re.escape(self.spec.escape)}(.)", r"\1", text, flags=re.DOTALL)
        return text


def _item(spec: TextFormat) -> str:
    """Return the pattern of a field: group 1 what quotes wrap, group 2 a field without quotes."""
    quote, delimiter = re.escape(spec.quote), re.escape(spec.delimiter)
    escape = re.escape(spec.escape)
    escaped = f"|{escape}." if escape else ""
    inside = f"[^{quote}{escape}]++|{quote}{quote}{escaped}"
    if len(spec.delimiter) == 1:
        bare = f"[^{quote}{escape}{delimiter}\\r\\n]++{escaped}"
    else:
        bare = f"(?!{delimiter})[^{quote}{escape}\\r\\n]{escaped}"
    return f"{quote}((?:{inside})*+){quote}|((?:{bare})*+)"


def _no_groups(pattern: str) -> str:
    return pattern.replace("((?:", "(?:(?:")


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
