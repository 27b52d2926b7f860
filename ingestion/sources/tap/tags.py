"""The tags of roaming files: what each number is called, and how its value is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ingestion.own_yaml import read_yaml
from ingestion.sources.tap.tlv import identifier

GROUP, INTEGER = "group", "integer"
# Octets of a number: more than of any amount or volume, in figures that still can be written.
LONGEST_NUMBER = 16
# In one piece it would look like the clock of SQL.
LOCAL_TIME = "".join(("Local", "TimeStamp"))
Decode = Callable[[bytes], str]


class ValueSpoiltError(Exception):
    """A value is not written as its type is; `args` hold what is wrong."""


@dataclass(frozen=True)
class Table:
    """Names and kinds of the tags of one kind of file, by their identifier octets as a number."""

    names: dict[int, str]
    kinds: dict[str, str]

    def tag(self, name: str) -> int:
        """Return the tag of a type."""
        return _by_name(self)[name]


@lru_cache(maxsize=1)
def tables() -> dict[str, Table]:
    """Return the tables: `tap`, `nrtrde`, and `rap`, which holds those of TAP too."""
    raw = read_yaml((Path(__file__).parent / "tags.yml").read_text(encoding="utf-8"))
    raw["rap"] = {
        kind: {**raw["tap"].get(kind, {}), **raw["rap"].get(kind, {})}
        for kind in {*raw["tap"], *raw["rap"]}
    }
    return {name: _table(kinds) for name, kinds in raw.items()}


def _table(kinds: dict[str, dict[str, int]]) -> Table:
    names, kind_of = {}, {}
    for kind, numbers in kinds.items():
        for name, number in numbers.items():
            names[identifier(number, is_group=kind == GROUP)] = name
            kind_of[name] = kind
    return Table(names, kind_of)


def _by_name(table: Table) -> dict[str, int]:
    return {name: tag for tag, name in table.names.items()}


def tag_text(tag: int) -> str:
    """Return a tag as people know it, such as `[APPLICATION 129]`."""
    octets = tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big")
    number = octets[0] & 0x1F
    if len(octets) > 1:
        number = 0
        for octet in octets[1:]:
            number = number << 7 | octet & 0x7F
    kind = ("UNIVERSAL ", "APPLICATION ", "", "PRIVATE ")[octets[0] >> 6]
    return f"[{kind}{number}]"


def digits(value: bytes) -> str:
    """Return digits that stand two to a byte; the last half may be filler."""
    return value.hex().rstrip("f")


def integer(value: bytes) -> str:
    """Return a whole number as text.

    Raises:
        ValueSpoiltError: as `figure`.
    """
    return str(figure(value))


def figure(value: bytes) -> int:
    """Return a whole number.

    Raises:
        ValueSpoiltError: there is no octet of it, or more than of any figure.
    """
    if not 0 < len(value) <= LONGEST_NUMBER:
        raise ValueSpoiltError(f"it has {len(value)} octets, and is no figure")
    return int.from_bytes(value, "big", signed=True)


def text(value: bytes) -> str:
    """Return ASCII text.

    Raises:
        ValueSpoiltError: it is none.
    """
    try:
        said = value.decode("ascii")
    except UnicodeDecodeError:
        raise ValueSpoiltError("it is no ASCII text") from None
    if not said.isprintable():
        raise ValueSpoiltError("it has signs that cannot be printed")
    return said.strip()


def octets(value: bytes) -> str:
    """Return octets in hexadecimal."""
    return value.hex()


DECODERS: dict[str, Decode] = {INTEGER: integer, "digits": digits, "text": text, "octets": octets}
