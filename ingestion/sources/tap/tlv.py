"""Tags, lengths and values of BER; nothing of any schema is known here.

A tag is the number that its identifier octets are. Lengths may be definite, longer than they need
be, or indefinite. Nothing is copied but the values, and nothing is read beyond the element around.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# Among the tags of a record: the constructed element that was opened last ends here.
END = 0
# In place of a length: the element goes on until two zero octets.
OPEN = -1
_EOC = b"\0\0"
_CONSTRUCTED, _MANY, _HIGH = 0x20, 0x1F, 0x80
_DEEPEST = 60
_LONGEST_HEADER = 4 + 10


class MalformedError(Exception):
    """The octets are no BER: what is wrong, and at which octet of what was read."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(what)
        self.what, self.at = what, at


class CutOffError(MalformedError):
    """The octets end inside an element."""


@dataclass(frozen=True)
class Header:
    """Tag and length of an element, and how many octets they took."""

    tag: int
    length: int
    size: int

    @property
    def is_constructed(self) -> bool:
        """Tell whether it holds elements rather than a value."""
        first = self.tag
        while first > 0xFF:
            first >>= 8
        return bool(first & _CONSTRUCTED)


def identifier(number: int, *, is_group: bool) -> int:
    """Return the tag of the application class with a number."""
    first = 0x40 | (_CONSTRUCTED if is_group else 0)
    if number < _MANY:
        return first | number
    low = number & 0x7F
    rest = number >> 7
    octets = [first | _MANY, *([_HIGH | rest] if rest else []), low]
    return int.from_bytes(bytes(octets), "big")


def read_header(data: bytes, at: int) -> Header:
    """Return the header of the element that begins at a place.

    Raises:
        MalformedError: it is none; CutOffError where the octets end inside it.
    """
    start = at
    try:
        tag = first = data[at]
        at += 1
        if first & _MANY == _MANY:
            while True:
                octet = data[at]
                at += 1
                tag = tag << 8 | octet
                if octet < _HIGH:
                    break
                if at - start > 3:
                    raise MalformedError("the tag is longer than any of the schema", start)
        length = data[at]
        at += 1
        if length >= _HIGH:
            length, at = _long_length(data, at, length, first)
    except IndexError:
        raise CutOffError("the file ends inside a tag or length", start) from None
    return Header(tag, length, at - start)


def _long_length(data: bytes, at: int, octet: int, first: int) -> tuple[int, int]:
    """Return a length of more than one octet, or OPEN, and the place behind it."""
    count = octet & 0x7F
    if not count:
        if not first & _CONSTRUCTED:
            raise MalformedError("a value has no length", at - 1)
        return OPEN, at
    content = data[at : at + count]
    if len(content) < count:
        raise CutOffError("the file ends inside a length", at - 1)
    length = int.from_bytes(content, "big")
    if length >= 1 << 48:
        raise MalformedError(f"a length of {count} octets is none of a file", at - 1)
    return length, at + count


def walk(data: bytes, start: int, end: int) -> tuple[list[int], list[bytes]]:  # noqa: C901
    """Return the tags of the elements between two places, and the values of those without inner.

    Behind the inner elements of one stands END. One loop: calls would cost half of its speed.

    Raises:
        MalformedError: an element is none, or reaches beyond the one around it.
    """
    tags, values, stack = list[int](), list[bytes](), list[tuple[int, int]]()
    at, stop, limit = start, end, end
    try:
        while True:
            if at >= stop:
                if stop != OPEN and not stack:
                    return tags, values
                if stop != OPEN or (data[at : at + 2] == _EOC and at + 2 <= limit):
                    at += 2 * (stop == OPEN)
                    tags.append(END)
                    stop, limit = stack.pop()
                    continue
            tag = first = data[at]
            place, at = at, at + 1
            if first & 31 == 31:
                tag = tag << 8 | data[at]
                at += 1
                if tag & 128:
                    tag = tag << 8 | data[at]
                    at += 1
                    if tag & 128:
                        raise MalformedError("the tag is longer than any of the schema", place)
            elif not first:
                raise MalformedError("two zero octets end nothing here", place)
            length = data[at]
            at += 1
            if length > 127:
                length, at = _long_length(data, at, length, first)
            inner = at + length
            if inner > limit or at > limit:
                raise MalformedError("an element reaches beyond the one around it", place)
            tags.append(tag)
            if not first & 32:
                values.append(data[at:inner])
                at = inner
                continue
            if len(stack) > _DEEPEST:
                raise MalformedError("elements are nested too deeply", place)
            stack.append((stop, limit))
            stop, limit = (OPEN, limit) if length == OPEN else (inner, inner)
    except IndexError:
        raise CutOffError("the octets end inside an element", at) from None


class Stream:
    """The octets of a file as they come, held only as far as they are needed."""

    def __init__(self, blocks: Iterable[bytes], longest: int) -> None:
        self._blocks = iter(blocks)
        self._longest = longest
        self.data = b""
        self.at = self._before = 0

    @property
    def offset(self) -> int:
        """Return the place in the file, counted from 0."""
        return self._before + self.at

    def more(self) -> bool:
        """Take in another block; tell whether there was one."""
        block = next(self._blocks, b"")
        self._before += self.at
        self.data = self.data[self.at :] + block
        self.at = 0
        return bool(block)

    def has(self, count: int) -> bool:
        """Tell whether so many octets follow."""
        while len(self.data) - self.at < count:
            if not self.more():
                return False
        return True

    def header(self) -> Header:
        """Return the header of the next element, and stay before it.

        Raises:
            MalformedError: it is none; CutOffError at the end of the file.
        """
        self.has(_LONGEST_HEADER)
        return read_header(self.data, self.at)

    def skip(self, count: int) -> None:
        """Go on by so many octets that are there."""
        self.at += count

    def is_end_of_open(self) -> bool:
        """Tell whether two zero octets follow, which end an element of unknown length."""
        return self.has(2) and self.data[self.at : self.at + 2] == _EOC

    def element(self, header: Header) -> bytes:
        """Return the next element whole, and go on behind it.

        Raises:
            MalformedError: it is longer than one may be; CutOffError where the file ends inside it.
        """
        if header.length == OPEN:
            size = self._open_size(header)
        else:
            size = header.size + header.length
            if size > self._longest:
                raise MalformedError(f"an element is longer than {self._longest} octets", self.at)
            if not self.has(size):
                raise CutOffError("the file ends inside an element", self.at)
        content = self.data[self.at : self.at + size]
        self.at += size
        return content

    def record(self) -> bytes:
        """Return the next element whole, of whatever tag, and go on behind it.

        Raises:
            MalformedError: as `header` and `element`.
        """
        data, at = self.data, self.at
        # Most have a tag of one octet, and a length of two or three, and are here already.
        if len(data) - at > 4 and data[at] & _MANY != _MANY and data[at + 1] in (0x81, 0x82):
            end = at + 3 + data[at + 2]
            if data[at + 1] == 0x82:
                end = at + 4 + (data[at + 2] << 8 | data[at + 3])
            if end <= len(data):
                self.at = end
                return data[at:end]
        return self.element(self.header())

    def _open_size(self, header: Header) -> int:
        """Return the size of an element of unknown length: its inner ones are skipped."""
        depth, size = 1, header.size
        while depth:
            if size > self._longest:
                raise MalformedError(f"an element is longer than {self._longest} octets", self.at)
            if not self.has(size + _LONGEST_HEADER) and not self.has(size + 2):
                raise CutOffError("the file ends inside an element", self.at)
            if self.data[self.at + size : self.at + size + 2] == _EOC:
                depth, size = depth - 1, size + 2
                continue
            inner = read_header(self.data, self.at + size)
            size += inner.size
            if inner.length == OPEN:
                depth += 1
            else:
                size += inner.length
        if not self.has(size):
            raise CutOffError("the file ends inside an element", self.at)
        return size
