"""XML: each element of one name is a record; attributes and inner elements are its values.

`<call id="7"><from>49..</from><leg><s>3</s></leg></call>` has the values `@id`, `from` and `leg.s`;
the second of two elements of one name has `.2` behind it. Namespaces are left out of the names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from xml.parsers import expat

from ingestion.layout import Layout
from ingestion.packed import BOM, size_text
from ingestion.sources.elements import Element, ElementReader, malformed

_CHUNK = 1 << 16
_DEEPEST = 200
# Start and end of the root: a day without records may have nothing more.
_ROOT_TAGS = 2
_MOST_BYTES_OF_ONE = 16 << 20
# Tags, and what may hold something that looks like one.
_MARKUP = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<![A-Z][^>\[]*[>\[]"
    rb"|<(/?)([^\s<>/!?]+)((?:\"[^\"]*\"|'[^']*'|[^\"'<>])*)>",
    re.DOTALL,
)
_WIDE = re.compile(rb"^\s*<\?xml[^>]*encoding=[\"'](?i:utf-?16|ucs-?2|iso-10646)")


def count(blocks: Iterable[bytes], where: str, layout: Layout) -> int:
    """Count the outermost elements of the name by their tags alone.

    Raises:
        FileRefusedError: there are elements, but none of that name.
    """
    wanted, rest = layout.records.encode(), b""
    found = depth = others = 0
    for block in blocks:
        text, at = rest + block, 0
        while (at := text.find(b"<", at)) >= 0 and (tag := _MARKUP.match(text, at)):
            at = tag.end()
            is_end, name, inside = tag.groups()
            if not name or name.rpartition(b":")[2] != wanted:
                others += name is not None
                continue
            if is_end:
                depth -= 1
            else:
                found += depth == 0
                depth += not inside.endswith(b"/")
        # What begins here goes on in the next block.
        rest = text[at:] if at >= 0 else b""
        if len(rest) > _MOST_BYTES_OF_ONE:
            raise malformed("XML", where, f"one tag is longer than {size_text(_MOST_BYTES_OF_ONE)}")
    if not found and others > _ROOT_TAGS:
        raise malformed("what records says", where, f"it has no element {layout.records}")
    return found


def walk(blocks: Iterable[bytes], where: str, layout: Layout) -> Iterator[Element]:
    """Yield the records in order.

    Raises:
        FileRefusedError: the text is no XML, or it declares entities.
    """
    reader = _Reader(layout.records, where)
    parser: Any = None
    for block in blocks:
        if parser is None:
            block = block.removeprefix(BOM)
            told = layout.encoding or ("utf-8" if _WIDE.match(block) else None)
            parser = reader.parser("utf-8" if told else None)
        for at in range(0, len(block), _CHUNK):
            yield from reader.feed(parser, block[at : at + _CHUNK], is_last=False)
    if parser is not None:
        yield from reader.feed(parser, b"", is_last=True)


class _Reader:
    """Collects the values of one record after the other while expat reads."""

    def __init__(self, name: str, where: str) -> None:
        self.name, self.where = name, where
        self.ready: list[Element] = []
        self.row = self.held = 0
        # Inside a record: the names that lead to where expat is, and how often each was there.
        self.path: list[str] = []
        self.seen: dict[str, int] = {}
        self.values: dict[str, str | None] = {}
        self.text: list[str] = []

    def parser(self, encoding: str | None) -> Any:
        """Return a parser that knows no entities but the five of XML."""
        parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.text.append
        parser.EntityDeclHandler = self._refuse_entity
        return parser

    def feed(self, parser: Any, content: bytes, *, is_last: bool) -> Iterator[Element]:
        """Read on, and yield the records that are whole."""
        try:
            parser.Parse(content, is_last)
        except expat.ExpatError as error:
            raise malformed("XML", self.where, str(error)) from error
        self.held = self.held + len(content) if self.path else 0
        if self.held > _MOST_BYTES_OF_ONE:
            what = f"a record is longer than {size_text(_MOST_BYTES_OF_ONE)}"
            raise malformed("XML", self.where, what)
        yield from self.ready
        self.ready.clear()

    def _refuse_entity(self, name: str, *_: object) -> None:
        raise malformed(
            "plain XML", self.where, f"it declares the entity {name!r}, and could be a bomb"
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if not self.path and local != self.name:
            self.text.clear()
            return
        if self.path:
            self._keep_text()
            place = ".".join([*self.path[1:], local])
            self.seen[place] = self.seen.get(place, 0) + 1
            if self.seen[place] > 1:
                local = f"{local}.{self.seen[place]}"
        if len(self.path) > _DEEPEST:
            raise malformed("XML", self.where, "it is nested too deeply")
        self.path.append(local)
        for key, value in attributes.items():
            self.values[".".join([*self.path[1:], f"@{key.rpartition(':')[2]}"])] = value
        self.text.clear()

    def _end(self, _: str) -> None:
        if not self.path:
            return
        self._keep_text()
        self.path.pop()
        if not self.path:
            self.row, self.held = self.row + 1, 0
            self.ready.append(Element(self.row, self.values))
            self.values, self.seen = {}, {}

    def _keep_text(self) -> None:
        text = "".join(self.text).strip()
        self.text.clear()
        place = ".".join(self.path[1:])
        if text:
            before = self.values.get(place)
            self.values[place] = f"{before} {text}" if before else text
        elif place:
            self.values.setdefault(place, None)


READER = ElementReader(count, walk)
