"""RADIUS detail files: a heading with the time, attributes one to a line, an empty line.

The values have the names of the attributes, such as `Acct-Session-Id`; the second of two attributes
of one name has `.2` behind it. The heading is `_heading`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ingestion.layout import Layout
from ingestion.sources.careful import decoded
from ingestion.sources.elements import Element, ElementReader, lines_of

_HEADING = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}")
_ATTRIBUTE = re.compile(r"[ \t]+([\w.:-]+) [+:]?= (?:\"((?:[^\"\\]|\\.)*)\"|([^\"]*))")
_ESCAPED = re.compile(r"\\([0-7]{3}|.)")

_SIGNS = {"n": "\n", "t": "\t", "r": "\r"}


def count(blocks: Iterable[bytes], where: str, layout: Layout) -> int:
    """Count the lines that are not indented, or indented behind an empty one."""
    found, is_open = 0, False
    for line in lines_of(blocks, where):
        if not line.strip():
            is_open = False
        elif not is_open or line[:1] not in (b" ", b"\t"):
            found, is_open = found + 1, True
    return found


def walk(blocks: Iterable[bytes], where: str, layout: Layout) -> Iterator[Element]:
    """Yield the records; one that is cut off, or has a line that is no attribute, is broken."""
    record: _Record | None = None
    for row, line in enumerate(lines_of(blocks, where), start=1):
        text, problem = decoded(line.rstrip(b"\r\n"))
        is_blank, is_inside = not line.strip(), line[:1] in (b" ", b"\t")
        if record and (is_blank or not is_inside):
            yield record.element(is_whole=is_blank)
            record = None
        if is_blank:
            continue
        if record is None:
            record = _Record(row, text, is_heading=not is_inside)
        else:
            record.add(text)
        record.reason = record.reason or problem or None
    if record:
        yield record.element(is_whole=False)


class _Record:
    """The lines of one record, as far as they were read."""

    def __init__(self, row: int, text: str, *, is_heading: bool) -> None:
        self.row, self.lines = row, [text]
        self.values: dict[str, str | None] = {"_heading": text}
        good = is_heading and _HEADING.fullmatch(text)
        self.reason: str | None = None if good else "heading"

    def add(self, text: str) -> None:
        self.lines.append(text)
        match = _ATTRIBUTE.fullmatch(text)
        if not match:
            self.reason = self.reason or "attribute"
            return
        name, quoted, bare = match.groups()
        place, no = name, 1
        while place in self.values:
            no += 1
            place = f"{name}.{no}"
        self.values[place] = bare.strip() if quoted is None else _ESCAPED.sub(_unescaped, quoted)

    def element(self, *, is_whole: bool) -> Element:
        reason = self.reason or (None if is_whole else "cut_off")
        return Element(self.row, self.values, reason, "\n".join(self.lines))


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1)
    return (
        chr(int(code, 8)) if len(code) == 3 else {"n": "\n", "t": "\t", "r": "\r"}.get(code, code)
    )


READER = ElementReader(count, walk)
