"""Elements of BER with tags of the application class; parts that are None are left out."""

from __future__ import annotations

Part = bytes | None


def group(number: int, *parts: Part) -> bytes:
    """Return an element that holds others."""
    return _element(number, b"".join(filter(None, parts)), 0x60)


def whole(number: int, value: int | None) -> Part:
    """Return a whole number in as few octets as it takes."""
    if value is None:
        return None
    size = (value if value >= 0 else ~value).bit_length() // 8 + 1
    return _element(number, value.to_bytes(size, "big", signed=True), 0x40)


def ascii_text(number: int, value: str | None) -> Part:
    """Return a text."""
    return None if value is None else _element(number, value.encode("ascii"), 0x40)


def digits(number: int, value: str | None) -> Part:
    """Return digits, two to an octet; an odd number of them is filled up with F."""
    if value is None:
        return None
    return _element(number, bytes.fromhex(value + "f" * (len(value) % 2)), 0x40)


def octets(number: int, value: bytes | None) -> Part:
    """Return octets as they are."""
    return None if value is None else _element(number, value, 0x40)


def _element(number: int, content: bytes, kind: int) -> bytes:
    return _tag(number, kind) + _length(len(content)) + content


def _tag(number: int, kind: int) -> bytes:
    if number < 31:
        return bytes([kind | number])
    low = [number & 0x7F]
    while number := number >> 7:
        low.insert(0, 0x80 | number & 0x7F)
    return bytes([kind | 31, *low])


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    count = (size.bit_length() + 7) // 8
    return bytes([0x80 | count]) + size.to_bytes(count, "big")
