"""Roaming files record by record: which kind a file is, what it holds, and whether that adds up.

The kind is told by the octets, never by the name: TAP and NRTRDE begin with the same tag. A file
that is not whole, or whose audit does not agree with its records, is refused (fatal); a record that
cannot be used is handed on as broken (severe).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingestion.layout import Layout
from ingestion.sources.elements import Element
from ingestion.sources.tap.audit import Found, check_audit
from ingestion.sources.tap.head import Head, Item, fatal, items_of, make_head
from ingestion.sources.tap.kinds import KINDS, SHAPES, WORDS
from ingestion.sources.tap.record import Records
from ingestion.sources.tap.tags import tables, tag_text
from ingestion.sources.tap.tlv import OPEN, Header, MalformedError, Stream, identifier

# A record is a few hundred octets; the sections around are some hundred thousand at most.
_LONGEST = 16 << 20
_FIRST_TAG = identifier(1, is_group=True)


def walk_file(blocks: Iterable[bytes], where: str, layout: Layout) -> Iterator[Element]:
    """Yield the records of a file in order, or the file itself with `records = "file"`.

    Raises:
        RoamingFileError: the file is of a kind that was not asked for, or is wrong as a whole.
    """
    reader = _Reader(blocks, where, layout)
    if layout.records == "file":
        for _ in reader.records():
            pass
        yield Element(1, reader.file_values())
        return
    yield from reader.records()


def read_head(blocks: Iterable[bytes], where: str, layout: Layout) -> Head:
    """Return what a file says of itself before its records.

    Raises:
        RoamingFileError: as `walk_file`, as far as it is read.
    """
    reader = _Reader(blocks, where, layout)
    next(reader.records(), None)
    return reader.head_of_file()


class _Reader:
    """Reads one file from its first octet to its last."""

    def __init__(self, blocks: Iterable[bytes], where: str, layout: Layout) -> None:
        self.stream = Stream(blocks, _LONGEST)
        self.where, self.layout = where, layout
        self.items: list[Item] = []
        self.head: Head | None = None
        self.found = Found()
        self.shape, self.table = SHAPES["TransferBatch"], tables()["tap"]

    def records(self) -> Iterator[Element]:
        """Yield the records, then check the file as a whole."""
        try:
            yield from self._root()
        except MalformedError as error:
            place = self.stream.offset - self.stream.at + error.at
            raise fatal(error.what, self.where, place) from error

    def file_values(self) -> dict[str, str | None]:
        """Return what the file says of itself, once all of it was read."""
        return {**self.head_of_file().values, **self.found.values(self.head_of_file())}

    def _root(self) -> Iterator[Element]:
        header = self._identify()
        end = None if header.length == OPEN else self.stream.offset + header.size + header.length
        self.stream.skip(header.size)
        before = -1
        seen: set[str] = set()
        while not self._is_end(end):
            inner = self.stream.header()
            name = self._section(inner, seen)
            if name in self.shape.sections:
                place = self.shape.sections.index(name)
                if place < before:
                    raise fatal(f"{name} stands at the wrong place", self.where, self.stream.offset)
                before = place
            if name == self.shape.records:
                yield from self._list(inner)
            else:
                offset = self.stream.offset
                element = self.stream.element(inner)
                self.items += items_of(element, self.table, self.where, offset)
            self._check_inside(end)
        self._check_rest()
        check_audit(self.head_of_file(), self.items, self.found, self.where)

    def _identify(self) -> Header:
        """Tell the kind of the file by its first elements."""
        stream = self.stream
        header = stream.header()
        table = tables()["rap"]
        name = table.names.get(header.tag, "")
        if header.tag == _FIRST_TAG:
            stream.has(header.size + 12)
            inner = stream.data[header.size : header.size + 1]
            is_nrtrde = inner[:1] == b"\x5f" or inner[:1] == b"\x62"
            name = "Nrtrde" if is_nrtrde else "TransferBatch"
            if not is_nrtrde and inner != b"\x64":
                what = "it begins like TAP and like NRTRDE, and holds the sections of neither"
                raise fatal(what, self.where, header.size, "ask what kind of file was meant")
        if name not in SHAPES:
            what = f"{tag_text(header.tag)} begins no TAP, NRTRDE or RAP file"
            raise fatal(what, self.where, 0, "look at path and format in the mapping")
        self.shape = SHAPES[name]
        self.table = tables()[self.shape.table]
        wanted = [kind for ask in self.layout.kinds for kind in KINDS[ask]]
        if self.shape.kind not in wanted:
            asked = next(ask for ask, kinds in KINDS.items() if self.shape.kind in kinds)
            raise fatal(
                f"the file is {WORDS[self.shape.kind]}, and this feed takes"
                f" {', '.join(self.layout.kinds)}",
                self.where,
                0,
                f'put it where it belongs, or add "{asked}" to kinds in the mapping',
            )
        return header

    def _section(self, header: Header, seen: set[str]) -> str:
        name = self.table.names.get(header.tag)
        sections = self.shape.sections
        if name is None or (sections and name not in sections):
            what = f"{tag_text(header.tag)} {name or ''} is no section of {self.shape.kind}"
            raise fatal(what, self.where, self.stream.offset)
        if name in seen:
            raise fatal(f"{name} stands there twice", self.where, self.stream.offset)
        seen.add(name)
        return name

    def _is_end(self, end: int | None) -> bool:
        """Tell whether an element is over; one of unknown length is, where two zeros say so."""
        if end is not None:
            return self.stream.offset >= end
        if not self.stream.is_end_of_open():
            return False
        self.stream.skip(2)
        return True

    def _check_inside(self, end: int | None) -> None:
        if end is not None and self.stream.offset > end:
            what = "an element reaches beyond the one around it"
            raise fatal(what, self.where, self.stream.offset)

    def head_of_file(self) -> Head:
        """Return what stands before the records, judged once."""
        if self.head is None:
            codes = self.layout.tadig_codes
            self.head = make_head(self.shape.kind, self.items, self.where, codes)
        return self.head

    def _list(self, header: Header) -> Iterator[Element]:
        stream = self.stream
        end = None if header.length == OPEN else stream.offset + header.size + header.length
        stream.skip(header.size)
        records = Records(self.shape, self.head_of_file(), self.found, self.where)
        while not self._is_end(end):
            offset = stream.offset
            record = stream.record()
            self._check_inside(end)
            yield records.element(offset, record)

    def _check_rest(self) -> None:
        """Refuse a file that goes on behind its end."""
        stream = self.stream
        if not stream.has(1):
            return
        offset = stream.offset
        try:
            name = tables()["rap"].names.get(stream.header().tag, "")
        except MalformedError:
            name = ""
        if name in SHAPES:
            raise fatal(
                "the file ends here, and another one begins: two were put together",
                self.where,
                offset,
                "cut it in two at this byte, or ask for both files again",
            )
        raise fatal(
            "the file ends here, and octets follow that belong to nothing", self.where, offset
        )
