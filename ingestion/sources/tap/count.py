"""How many records a roaming file holds, told by its lengths alone.

Nothing of this is shared with what reads the records: one checks the other. Where the octets are no
elements it stops with what it has; the reader then says what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingestion.layout import Layout

# Identifier octets of the lists of records: TAP, NRTRDE, RAP.
_LISTS = (b"\x63", b"\x62", b"\x7f\x84\x18")


def count(blocks: Iterable[bytes], where: str, layout: Layout) -> int:
    """Count the elements in the list of records; a file as a whole is one."""
    if layout.records == "file":
        return 1
    octets = _Octets(blocks)
    try:
        return _records(octets)
    except EOFError:
        return octets.found


def _records(octets: _Octets) -> int:
    """Count what is directly in a list that is directly in the file."""
    octets.tag()
    for tag, length in _inner(octets, octets.length()):
        if tag not in _LISTS:
            octets.pass_over(length)
            continue
        for _, size in _inner(octets, length):
            # Counted before it is passed over: the reader, too, sees one that is cut off.
            octets.found += 1
            octets.pass_over(size)
    return octets.found


def _inner(octets: _Octets, length: int | None) -> Iterator[tuple[bytes, int | None]]:
    """Yield tag and length of the elements inside one; who asks goes on behind each."""
    end = None if length is None else octets.place + length
    while end is None or octets.place < end:
        tag = octets.tag()
        size = octets.length()
        if end is None and tag == b"\0" and size == 0:
            return
        yield tag, size


class _Octets:
    """The octets of a file, one after the other."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self.blocks = iter(blocks)
        self.block = b""
        self.at = self.before = self.found = 0

    @property
    def place(self) -> int:
        return self.before + self.at

    def one(self) -> int:
        while self.at >= len(self.block):
            self._next()
        self.at += 1
        return self.block[self.at - 1]

    def _next(self) -> None:
        self.before += len(self.block)
        self.at -= len(self.block)
        self.block = next(self.blocks, b"")
        if not self.block:
            raise EOFError

    def tag(self) -> bytes:
        said = [self.one()]
        if said[0] & 0x1F == 0x1F:
            said.append(self.one())
            while said[-1] & 0x80 and len(said) < 5:
                said.append(self.one())
        return bytes(said)

    def length(self) -> int | None:
        """Return a length, None where the end is marked instead."""
        first = self.one()
        if first < 0x80:
            return first
        if first == 0x80:
            return None
        value = 0
        for _ in range(first & 0x7F):
            value = value << 8 | self.one()
        return value

    def pass_over(self, length: int | None) -> None:
        """Go on behind an element; one without a length is gone through."""
        if length is not None:
            self.at += length
            while self.at > len(self.block):
                self._next()
            return
        depth = 1
        while depth:
            tag, size = self.tag(), self.length()
            if size is None:
                depth += 1
            elif tag == b"\0" and not size:
                depth -= 1
            else:
                self.pass_over(size)
